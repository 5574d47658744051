"""One run measures at a time; the next waits, says for whom, and goes on when the turn is over."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from zoo.paths import cache_dir
from zoo.processes.turn import turn

HOLDS = """
import sys, time
from zoo.processes.turn import turn
with turn(print):
    print("begun", flush=True)
    sys.stdin.readline()
"""


def test_the_second_waits_and_says_for_whom() -> None:
    said: list[str] = []
    order: list[str] = []
    waits = threading.Event()

    def second() -> None:
        with turn(lambda line: (said.append(line), waits.set())):
            order.append("second")

    thread = threading.Thread(target=second)
    with turn(said.append):
        thread.start()
        assert waits.wait(20)
        order.append("first")
    thread.join(20)
    assert order == ["first", "second"]
    (line,) = said
    assert line.startswith(f"another run (process {os.getpid()}, `zoo")
    assert line.endswith("measures on this machine; waiting for it, and taking what it measures as done")


def test_a_turn_after_another_says_nothing_and_leaves_no_owner() -> None:
    said: list[str] = []
    for _ in range(2):
        with turn(said.append):
            pass
    assert said == []
    assert not list((cache_dir() / "runs").glob("*.json"))


def test_the_turn_of_a_killed_process_is_over() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    child.kill()
    child.communicate()
    said: list[str] = []
    with turn(said.append):
        pass
    assert said == []


def test_a_cache_that_cannot_be_written_has_no_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "file"))
    with turn(lambda line: pytest.fail(line)):
        pass

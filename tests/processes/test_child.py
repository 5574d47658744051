"""A child is bounded, tells its steps, ends with its parent, and its end is explained in words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from zoo.cost.worker.process import PRELOAD
from zoo.errors import ScriptError, WeightsError, ZooError
from zoo.outcome import Status
from zoo.processes import child as child_module
from zoo.processes.answer import answer_requests
from zoo.processes.child import Child
from zoo.processes.fork import CAN_FORK, Died
from zoo.processes.guard import Failure
from zoo.processes.script import RUN_IN_A_WORKER

BIG = 1 << 33


def serve(pipe: Any, word: str = "") -> None:
    answer_requests(pipe, lambda request, step: answer(request, step, word))


def answer(request: str, step: Callable[[int, int], None], word: str) -> Any:
    """What a child does when told the name of a deed."""
    if request == "steps":
        for done in range(3):
            step(done, 3)
    elif request == "environment":
        return os.environ.get("ZOO_CHILD"), os.environ.get("ZOO_LATE"), word
    elif request == "hang":
        time.sleep(600)
    elif request == "steps without end":
        for done in range(10**6):
            step(done, 10**6)
            time.sleep(0.05)
    elif request == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif request.startswith("exit "):
        os._exit(int(request.removeprefix("exit ")))
    elif request == "leave":
        sys.exit(3)
    elif request == "interrupt":
        raise KeyboardInterrupt
    elif request == "refuse":
        raise WeightsError("bring the weights")
    elif request == "raise":
        raise ValueError("planted")
    elif request == "memory":
        return len(bytearray(BIG))
    elif request == "a child of its own dies":
        return Died(-signal.SIGKILL)
    return os.getpid()


@pytest.fixture
def start() -> Iterator[Callable[..., Child]]:
    children: list[Child] = []

    def start(**options: Any) -> Child:
        children.append(Child(serve, options.pop("args", ()), name="zoo-test", noun="helper", **options))
        return children[-1]

    yield start
    for one in children:
        one.close()


def test_one_child_answers_several_requests_and_tells_its_steps(start: Callable[..., Child]) -> None:
    steps: list[tuple[int, int]] = []
    child = start()
    first = child.ask("steps", 60, on_step=lambda done, total: steps.append((done, total)))
    assert steps == [(0, 3), (1, 3), (2, 3)]
    assert first == child.ask("steps", 60) == child.pid != os.getpid()
    assert child.alive


def test_it_has_the_environment_of_its_parent_now_and_what_is_its_own_alone(
    start: Callable[..., Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    start(preload=PRELOAD).ask("steps", 60)  # what later ones are forked from is there by now
    monkeypatch.setenv("ZOO_LATE", "late")
    for preload in ((), PRELOAD):
        child = start(args=("word",), variables={"ZOO_CHILD": "own"}, preload=preload)
        assert child.ask("environment", 60) == ("own", "late", "word")
        assert "ZOO_CHILD" not in os.environ


def test_silence_is_a_timeout_whatever_steps_are_told(start: Callable[..., Child]) -> None:
    for request in ("hang", "steps without end"):
        child = start()
        child.ask("steps", 60)
        found = child.ask(request, 0.3, "in a test")
        assert found == Failure(Status.TIMEOUT, "no answer within 0.3 s in a test; the helper was ended")
        assert not child.alive
        assert child.ask("steps", 1) == Failure(Status.FAILED, "the helper had already ended")


def test_the_first_answer_may_take_longer(start: Callable[..., Child]) -> None:
    child = start(start_timeout_s=60)
    assert child.ask("steps", 0.001) == child.pid
    assert child.ask("hang", 0.001).status == Status.TIMEOUT


@pytest.mark.parametrize(
    ("request_", "doing", "reason"),
    [
        ("killed", "in a test", "the helper was killed by signal 9 (SIGKILL) in a test"),
        ("killed", "", "the helper was killed by signal 9 (SIGKILL)"),
        ("exit 7", "in a test", "the helper ended with exit code 7 in a test"),
        ("exit 0", "", "the helper ended without an answer (exit code 0)"),
        ("a child of its own dies", "in a test", "the helper was killed by signal 9 (SIGKILL) in a test"),
        ("raise", "in a test", "ValueError: planted"),
        ("leave", "", "the model ended its program: sys.exit(3)"),
        ("interrupt", "", "the model ended its program: it raised KeyboardInterrupt"),
    ],
)
def test_an_end_without_an_answer_is_explained(
    start: Callable[..., Child], request_: str, doing: str, reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    child = start()
    assert child.ask(request_, 60, doing) == Failure(Status.FAILED, reason)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("request_", ["killed", "a child of its own dies"])
def test_who_is_killed_while_the_kernel_kills_for_memory_is_out_of_memory(
    start: Callable[..., Child], monkeypatch: pytest.MonkeyPatch, request_: str
) -> None:
    child = start()
    child.ask("steps", 60)
    kills = iter([3, 4])
    monkeypatch.setattr(child_module, "oom_kills", lambda: next(kills))
    found = child.ask(request_, 60, "in a test")
    assert found == Failure(Status.OOM, "the kernel killed the helper in a test: memory was exhausted")


def test_a_kill_for_memory_before_it_was_asked_is_another_s(
    start: Callable[..., Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    child = start()
    child.ask("steps", 60)
    monkeypatch.setattr(child_module, "oom_kills", lambda: 10**6)
    assert child.ask("killed", 60).status == Status.FAILED


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the bound is the kernel's")
def test_more_memory_than_it_may_fill_is_an_error_of_its_own(
    start: Callable[..., Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    child = start(memory=BIG / 2 / total)
    assert child.ask("memory", 60) == Failure(Status.OOM, "MemoryError")
    assert child.ask("steps", 60) == child.pid


def test_what_is_the_user_s_to_mend_is_raised(start: Callable[..., Child]) -> None:
    child = start()
    with pytest.raises(ZooError, match="bring the weights"):
        child.ask("refuse", 60)
    assert child.ask("steps", 60) == child.pid
    with pytest.raises(ScriptError):
        child.ask(f"exit {RUN_IN_A_WORKER}", 60)


def test_one_that_died_unasked_is_not_alive_and_says_so_when_asked(start: Callable[..., Child]) -> None:
    child = start()
    pid = child.ask("steps", 60)
    os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        if not child.alive:
            break
        time.sleep(0.05)
    assert not child.alive
    assert child.ask("steps", 60) == Failure(Status.FAILED, "the helper was killed by signal 9 (SIGKILL)")


def test_it_can_be_closed_twice(start: Callable[..., Child]) -> None:
    child = start()
    child.close()
    child.close()
    assert (child.alive, child.pid) == (False, None)
    child.send("steps")


PARENT = """
import sys, time
from tests.processes.test_child import serve
from zoo.processes.child import Child

if __name__ == "__main__":
    child = Child(serve, name="zoo-test", preload=sys.argv[1:])
    child.ask("steps", 60)
    child.send("hang")
    print(child.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(not CAN_FORK, reason="the kernel is asked to end it on Linux alone")
@pytest.mark.parametrize("preload", [(), ("zoo.processes.child",)], ids=["spawned", "forked"])
def test_it_ends_with_its_parent_even_while_it_hangs(preload: tuple[str, ...]) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *preload], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(200):
        if not _runs(pid):
            return
        time.sleep(0.05)
    pytest.fail("the child outlived its parent")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

"""Work spread over processes: every answer in order, here where it is little, and no process is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from zoo.errors import ZooError
from zoo.processes.answer import answer_requests
from zoo.processes.child import Child
from zoo.processes.spread import AT_ONCE, spread


def square(number: int) -> tuple[int, int]:
    return number**2, os.getpid()


def refuse(number: int) -> int:
    if number == 3 * AT_ONCE:
        raise ZooError(f"{number} cannot be done; mend it")
    return number


def die(number: int) -> int:
    if number == 3 * AT_ONCE:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def slow(number: int) -> int:
    time.sleep(0.05)
    return number


def all_of(parts: Any) -> list[Any]:
    return [answer for part in parts for answer in part]


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, 10 * AT_ONCE + 3])
def test_answers_stand_in_order_whoever_gave_them(count: int) -> None:
    parts = list(spread(square, range(count), 2, apart=square, worth_s=0.0))
    found = all_of(parts)
    assert [answer for answer, _ in found] == [number**2 for number in range(count)]
    assert [len(part) for part in parts] == [AT_ONCE] * (count // AT_ONCE) + [count % AT_ONCE] * (count % AT_ONCE > 0)
    assert len({pid for _, pid in found}) == min(2, -(-count // AT_ONCE))
    assert os.getpid() not in {pid for _, pid in found}
    assert children() == []


@pytest.mark.parametrize(("cores", "apart"), [(1, square), (2, None), (2, square)])
def test_a_little_work_is_done_here(cores: int, apart: Any) -> None:
    found = all_of(spread(square, range(5 * AT_ONCE), cores, apart=apart))
    assert {pid for _, pid in found} == {os.getpid()}
    assert [answer for answer, _ in found] == [number**2 for number in range(5 * AT_ONCE)]


def test_processes_are_begun_when_the_rest_takes_long() -> None:
    parts = list(spread(slow_here, range(4 * AT_ONCE), 2, apart=square, worth_s=0.1))
    assert {pid for _, pid in parts[0]} == {os.getpid()}
    assert os.getpid() not in {pid for _, pid in all_of(parts[1:])}


def slow_here(number: int) -> tuple[int, int]:
    time.sleep(0.01)
    return square(number)


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (refuse, r"^192 cannot be done; mend it$"),
        (die, r"^work was cut short: the process at work was killed by signal 9 \(SIGKILL\)"),
    ],
)
def test_what_goes_wrong_there_is_one_line_here_and_ends_the_others(work: Any, said: str) -> None:
    with pytest.raises(ZooError, match=said):
        all_of(spread(work, range(8 * AT_ONCE), 2, apart=work, worth_s=0.0))
    assert children() == []


def test_who_stops_asking_ends_the_processes() -> None:
    parts = spread(square, range(20 * AT_ONCE), 2, apart=square, worth_s=0.0)
    next(parts)
    assert len(children()) == 2
    parts.close()
    assert children() == []


SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
sys.path.insert(0, {root!r})
from tests.processes.test_spread import slow
from zoo.processes.spread import spread
for part in spread(slow, range(100_000), 2, apart=slow, worth_s=0.0):
    print(part[0], flush=True)
"""


def test_an_interruption_ends_all_of_it() -> None:
    """A script without a guard around its work, too: it is not run again in the processes."""
    root = str(Path(__file__).resolve().parents[2])
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(root=root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert script.stdout is not None
    assert script.stdout.readline() == "0\n"
    below = psutil.Process(script.pid).children(recursive=True)
    assert below
    os.killpg(script.pid, signal.SIGINT)
    _, errors = script.communicate(timeout=30)
    assert errors.strip().splitlines()[-1] == "KeyboardInterrupt"
    assert "Process" not in errors
    _, alive = psutil.wait_procs(below, timeout=10)
    assert not alive


def in_a_child(pipe: Any) -> None:
    answer_requests(pipe, lambda count, _step: all_of(spread(square, range(count), 2, apart=square, worth_s=0.0)))


def test_a_child_may_spread_its_work_too() -> None:
    """Trials run in processes of their own, and read images there."""
    with closing(Child(in_a_child, name="test")) as child:
        found = child.ask(4 * AT_ONCE, 60)
        assert [answer for answer, _ in found] == [number**2 for number in range(4 * AT_ONCE)]
        assert child.pid not in {pid for _, pid in found}
        below = psutil.Process(child.pid).children(recursive=True)
    _, alive = psutil.wait_procs(below, timeout=10)
    assert not alive

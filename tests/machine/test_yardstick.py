"""The yardstick tells a machine of another speed, whatever it calls itself, and is over soon."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zoo.errors import for_caller, for_command
from zoo.machine import yardstick as module
from zoo.machine.yardstick import (
    BUDGET_S,
    ROUNDS,
    Yardstick,
    differs,
    disagrees,
    measure_yardstick,
    median_ms,
    ratio,
    time_both,
)

HERE = Yardstick(2.0, 4.0)


class PlantedClock:
    """Two clocks on which each call takes what is planted; the second may run ahead, as on a busy machine."""

    def __init__(self, takes_s: list[float], busy: float = 1.0) -> None:
        self.takes: Iterator[float] = iter(takes_s)
        self.busy = busy
        self.computed = self.passed = 0.0
        self.calls = 0

    def call(self) -> None:
        taken = next(self.takes)
        self.computed += taken
        self.passed += taken * self.busy
        self.calls += 1

    def median(self) -> float:
        return median_ms(self.call, lambda: self.computed, lambda: self.passed)


def test_the_median_leaves_the_first_call_and_the_odd_one_out() -> None:
    clock = PlantedClock([0.5] + [0.002, 0.003, 0.9, 0.001] * 100)
    assert clock.median() == pytest.approx(2.0)  # the first call has used the budget up: one that counts


def test_rounds_end_when_there_are_enough() -> None:
    clock = PlantedClock([0.001] * 1000)
    assert clock.median() == pytest.approx(1.0)
    assert clock.calls == ROUNDS + 1


def test_rounds_end_with_the_budget() -> None:
    clock = PlantedClock([0.05] * 1000)
    assert clock.median() == pytest.approx(50.0)
    assert clock.passed <= BUDGET_S + 0.05
    assert clock.calls < ROUNDS


def test_a_busy_machine_is_the_same_machine() -> None:
    """Eight programs on its cores make every call eight times as long by the wall, and no longer to compute."""
    calm, busy = PlantedClock([0.003] * 1000), PlantedClock([0.003] * 1000, busy=8.0)
    assert calm.median() == pytest.approx(busy.median())
    assert busy.passed <= BUDGET_S + 8 * 0.003


def test_both_parts_are_timed_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    threads: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", threads.append)
    monkeypatch.setattr(torch, "manual_seed", lambda seed: None)
    monkeypatch.setattr(module, "keep_freed_memory", lambda: True)
    planted = {"torch.Size([512, 512])": 7.0, "torch.Size([1, 64, 56, 56])": 9.0}

    def median(call: Callable[[], Any], *clocks: Any) -> float:
        return planted[str(call().shape)]

    monkeypatch.setattr(module, "median_ms", median)
    assert time_both() == Yardstick(matmul_ms=7.0, convolution_ms=9.0)
    assert threads == [1]


def test_it_survives_json() -> None:
    assert Yardstick.from_dict(HERE.to_dict()) == HERE


@pytest.mark.parametrize(
    "data",
    [
        None, 3, [], {}, {"matmul_ms": 1.0}, {"matmul_ms": 1.0, "convolution_ms": 1.0, "more": 1},
        {"matmul_ms": 0.0, "convolution_ms": 1.0}, {"matmul_ms": -1.0, "convolution_ms": 1.0},
        {"matmul_ms": float("nan"), "convolution_ms": 1.0}, {"matmul_ms": 1.0, "convolution_ms": float("inf")},
        {"matmul_ms": "1", "convolution_ms": 1.0}, {"matmul_ms": True, "convolution_ms": 1.0},
    ],
)  # fmt: skip
def test_what_is_no_yardstick_is_refused(data: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        Yardstick.from_dict(data)


@pytest.mark.parametrize(
    ("other", "factor", "apart"),
    [
        (HERE, 1.0, False),
        (Yardstick(3.0, 4.0), 1.5, False),  # 1.5 is still allowed
        (Yardstick(3.01, 4.0), 1.505, True),
        (Yardstick(2.0, 2.0), 2.0, True),  # faster is another machine too
        (Yardstick(4.0, 1.0), 4.0, True),  # the larger of the two, either way
        (Yardstick(7.0, 13.0), 3.5, True),  # AVX2 for AVX-512
    ],
)
def test_by_how_many_times_two_differ(other: Yardstick, factor: float, apart: bool) -> None:
    assert ratio(HERE, other) == ratio(other, HERE) == pytest.approx(factor)
    assert disagrees(HERE, other) == disagrees(other, HERE) == apart


SLOW = Yardstick(7.0, 13.0)


@pytest.mark.parametrize(
    ("now", "then"),
    [(HERE, []), (HERE, [HERE, Yardstick(2.9, 4.1), None]), (HERE, [None]), (None, [SLOW, None])],
)
def test_where_none_disagrees_nothing_is_said(now: Yardstick | None, then: list[Yardstick | None]) -> None:
    assert differs(now, then) == ""


def test_where_some_disagree_one_line_names_both_and_the_way_on() -> None:
    line = differs(HERE, [HERE, SLOW, None, SLOW, Yardstick(4.0, 4.0)])
    assert "\n" not in line
    assert "take 2.00 and 4.00 ms, and took 7.00 and 13.00 ms when 3 of the 4 records at hand were made" in line
    assert "(3.5 times; 1.5 is allowed): none of these is taken as done; run again when" in line
    assert "again=True" in for_caller(line)
    assert "--store" in for_command(line)
    assert "when 1 of the 2 records at hand was made (3.5 times; 1.5 is allowed): it is not" in differs(
        HERE, [HERE, SLOW]
    )
    assert "when the record at hand was made (3.5 times; 1.5 is allowed): it is not taken as done" in differs(
        SLOW, [HERE, None]
    )


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("import sys; sys.exit(3)", "exit code 3 (no word)"),
        ("raise ImportError('no torch here')", "exit code 1 (ImportError: no torch here)"),
        ("print('hello')", "answered 'hello"),
        ("pass", "answered ''"),
        ('print(\'{"matmul_ms": 0, "convolution_ms": 1}\')', "answered"),
    ],
)
def test_why_there_is_no_yardstick(monkeypatch: pytest.MonkeyPatch, script: str, expected: str) -> None:
    monkeypatch.setattr(module, "SCRIPT", script)
    found, reason = measure_yardstick()
    assert found is None
    assert expected in reason
    assert "\n" not in reason


def test_a_process_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SCRIPT", "import time; time.sleep(60)")
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    assert measure_yardstick() == (None, "no answer within 0.2 s")


def test_what_torch_prints_beside_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = '{"matmul_ms": 2.0, "convolution_ms": 4.0}'
    monkeypatch.setattr(
        module.subprocess, "run", lambda *a, **k: SimpleNamespace(returncode=0, stdout=f"note\n{answer}\n", stderr="")
    )
    assert measure_yardstick() == (HERE, "")


def test_a_real_one_is_measured_in_a_process_of_its_own_within_two_seconds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of its own computing, so that the load of other programs does not count; importing torch is not in."""
    clock = "time.process_time()"
    monkeypatch.setattr(
        module, "SCRIPT", f"import time, torch; began = {clock}; {module.SCRIPT}; assert {clock} - began < 2"
    )
    monkeypatch.chdir(tmp_path)  # the zoo is found from anywhere
    monkeypatch.delenv("PYTHONPATH", raising=False)
    found, reason = measure_yardstick()
    assert reason == ""
    assert found is not None
    assert min(found.matmul_ms, found.convolution_ms) > 0


def test_the_parent_does_not_import_torch() -> None:
    script = (
        "import sys, zoo.machine.yardstick as module\n"
        "module.SCRIPT = 'pass'\n"
        "module.measure_yardstick()\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

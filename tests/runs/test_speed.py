"""A machine that became faster or slower since its records were made takes none of them for granted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.executors.test_base import InThreads
from tests.runs.test_execute import COST, OK
from zoo.executors import EXECUTORS
from zoo.executors.events import Message, RunPlanned
from zoo.machine.yardstick import Yardstick
from zoo.paths import default_store_url
from zoo.runs.execute import RunOutcome, run_suite
from zoo.store.store import Store
from zoo.suites.suite import Suite, TransferPlan

USUAL, SLOWER = Yardstick(4.0, 5.0), Yardstick(7.0, 5.5)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[RunOutcome, list[str], int]]:
    """Run the planted suite at a speed; gives the outcome, what was said, and how often the speed was measured."""

    def run_group(group: Any, *_: Any) -> Any:
        for case in group.cases:
            yield case, replace(OK, started=time.time())  # by which the newer record stands

    monkeypatch.setattr("zoo.runs.jobs.cohort.run_group", run_group)

    def run(speed: Yardstick | None, reason: str = "", **options: Any) -> tuple[RunOutcome, list[str], int]:
        asked: list[None] = []
        events: list[Any] = []

        def measure_yardstick() -> tuple[Yardstick | None, str]:
            asked.append(None)
            return speed, reason

        monkeypatch.setattr("zoo.runs.session.measure_yardstick", measure_yardstick)
        outcome = run_suite(COST, store_url=default_store_url(), on_event=events.append, **options)
        planned = next(event for event in events if isinstance(event, RunPlanned))
        assert planned.done == outcome.skipped
        return outcome, [event.text for event in events if isinstance(event, Message)], len(asked)

    return run


def test_the_speed_is_kept_with_the_records_and_a_like_one_takes_them(run: Any) -> None:
    first, said, asked = run(USUAL)
    assert (first.measured, said, asked) == (3, [], 1)
    with Store(default_store_url()) as store:
        assert [record.environment.yardstick for record in store.records()] == [USUAL] * 3
    second, said, asked = run(Yardstick(5.0, 6.0))
    assert (second.measured, second.skipped, said, asked) == (0, 3, [], 1)


def test_another_speed_is_said_in_a_line_and_all_is_measured_anew(run: Any) -> None:
    run(USUAL)
    outcome, said, asked = run(SLOWER)
    assert (outcome.measured, outcome.skipped, asked) == (3, 0, 1)
    [line] = said
    assert "this machine's speed has changed" in line
    assert "again=True" in line
    assert "\n" not in line
    # What is cut short does not show old numbers beside new ones.
    cut, _, _ = run(USUAL, max_seconds=-1.0)
    assert (cut.records, cut.remaining) == ((), 3)
    # From now on these are the records, and they are of this speed.
    again, said, _ = run(SLOWER)
    assert (again.measured, again.skipped, said) == (0, 3, [])


def test_a_twin_is_timed_again_with_its_other_half(run: Any) -> None:
    run(USUAL)
    run(SLOWER)
    with Store(default_store_url()) as store:
        halves = [r.id for r in store.records() if r.trial.model == "torchvision/resnet18"]
        store.remove(halves[:1])
    outcome, said, _ = run(SLOWER)
    assert len(said) == 1
    assert (outcome.measured, outcome.skipped) == (2, 1)


def test_where_nothing_is_measured_and_nothing_taken_the_speed_is_not_measured(run: Any) -> None:
    outcome, said, asked = run(USUAL, max_seconds=-1.0)
    assert (outcome.measured, said, asked) == (0, ["the time is over; left out: 3 timings"], 0)


def test_without_a_yardstick_the_run_goes_on_and_says_why(run: Any) -> None:
    run(USUAL)
    outcome, said, _ = run(None, "no answer within 120 s")
    assert (outcome.measured, outcome.skipped) == (0, 3)
    assert said == ["the machine's yardstick could not be measured: no answer within 120 s"]


def test_the_speed_of_this_machine_says_nothing_of_another(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    EXECUTORS.register("elsewhere", InThreads())
    try:
        outcome, _, asked = run(USUAL, executor="elsewhere")
    finally:
        EXECUTORS.unregister("elsewhere")
    assert (outcome.measured, asked) == (3, 0)


def test_an_accuracy_is_the_same_at_any_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    speeds = iter((USUAL, SLOWER))
    monkeypatch.setattr("zoo.runs.session.measure_yardstick", lambda: (next(speeds), ""))
    plan = TransferPlan(tasks=("digits",), strategies=("pixels",), shots=(2,), seeds=1, device="cpu")
    suite = Suite("s", ("timm/test_resnet",), transfer=plan)
    events: list[Any] = []
    first = run_suite(suite, store_url=default_store_url())
    second = run_suite(suite, store_url=default_store_url(), on_event=events.append)
    assert (first.measured, second.measured, second.skipped) == (1, 0, 1)
    assert not [event.text for event in events if isinstance(event, Message)]

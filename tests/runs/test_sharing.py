"""A run's budget is shared among cohorts as their turns come, and half of what is spare goes to the trainings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.cohorts.planted import PlantedClock
from tests.runs.test_execute import COST, OK, TRANSFER, run, trained
from zoo.cohorts.shares import Allowance
from zoo.machine.yardstick import Yardstick
from zoo.outcome import Outcome, Status
from zoo.plans.estimate import Estimate
from zoo.suites.suite import Suite

__all__ = ["trained"]

SEVEN = ("alexnet", "vgg16", "resnet18", "densenet161", "squeezenet1_0", "googlenet", "mobilenet_v2")
COSTS = replace(COST, models=tuple(f"torchvision/{name}" for name in SEVEN))
BOTH = replace(COSTS, transfer=replace(TRANSFER.transfer, models=("torchvision/resnet18",)))  # type: ignore[type-var]


class Groups:
    """Stands in for the harness: each group takes as long as it is told, and has so many rounds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float, rounds: int = 6) -> None:
        self.seconds, self.rounds = seconds, rounds
        self.silent = False  # as where the time held no round of any
        self.widths: dict[str, float] = {}
        self.earlier: list[dict[str, Outcome]] = []
        self.allowed: list[tuple[float, Allowance | None]] = []
        self.clock = PlantedClock()
        for module in ("timings", "schedule", "session", "execute"):
            monkeypatch.setattr(f"zoo.runs.{module}.time", self.clock.module)
        monkeypatch.setattr("zoo.runs.session.measure_yardstick", lambda: (Yardstick(2.5, 1.0), ""))
        monkeypatch.setattr("zoo.runs.jobs.cohort.run_group", self.run_group)

    def run_group(
        self, group: Any, protocol: Any, say: Any, allowance: Any = None, earlier: Any = None, *_: Any
    ) -> Any:
        self.allowed.append((self.clock.now, allowance))
        self.earlier.append(earlier)
        self.clock.now += self.seconds
        for case in () if self.silent else group.cases:
            width = self.widths.get(case.model.rpartition("/")[2], 0.01)
            status = Status.OK if width <= 0.02 or earlier else Status.UNCONVERGED
            notes = {"rounds": self.rounds, "half_width": width}
            yield case, replace(OK, status=status, notes=notes, duration_s=self.seconds, started=self.clock.now)


def test_without_a_budget_nothing_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = Groups(monkeypatch, 60.0)
    run(COSTS)
    assert [allowance for _, allowance in groups.allowed] == [None, None]


def test_cohorts_share_the_budget_and_the_last_may_take_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = Groups(monkeypatch, 60.0)
    run(COSTS, max_seconds=400.0)
    (_, first), (at, last) = groups.allowed
    assert first is not None
    assert last is not None
    assert (first.most, last.most) == (400, 400 - at)
    assert 0 < first.spare < last.spare < last.most  # the dear ones come last, and need more for as many rounds


def test_a_machine_that_is_slower_than_expected_leaves_more_for_those_to_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forms = replace(COSTS, cost=replace(COSTS.cost, forms=("deployed", "trained")))  # type: ignore[type-var]
    spare = []
    for seconds in (10.0, 300.0):
        groups = Groups(monkeypatch, seconds)
        run(forms, max_seconds=1000.0, again=True)
        assert all(allowance is None or allowance.most == 1000 - at for at, allowance in groups.allowed)
        _, second = groups.allowed[1]
        assert second is not None
        spare.append(second.spare / second.most)
    assert spare[1] < spare[0] / 3


def test_trainings_have_half_of_what_is_spare(monkeypatch: pytest.MonkeyPatch, trained: list[Any]) -> None:
    monkeypatch.setattr(Estimate, "seconds_of", lambda self, trial: 20.0)
    groups = Groups(monkeypatch, 1.0)
    run(BOTH, max_seconds=1000.0)
    (_, first), (at, last) = groups.allowed
    assert first is not None
    assert last is not None
    # Three first trainings and the weights that two of them need take 80 s.
    assert 400 < last.spare < 1000 / 2
    assert last.most == 1000 - at
    assert trained


def test_time_that_is_left_goes_to_the_widest_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = Groups(monkeypatch, 30.0)
    groups.widths = {"squeezenet1_0": 0.05, "vgg16": 0.1, "googlenet": 0.04}
    outcome = run(COSTS, max_seconds=1000.0)
    assert [len(earlier) for earlier in groups.earlier] == [0, 0, 1, 2]
    (_, _, (at, widest), (then, rest)) = groups.allowed
    assert next(iter(groups.earlier[2].values())).notes["half_width"] == 0.1
    assert {outcome.notes["half_width"] for outcome in groups.earlier[3].values()} == {0.05, 0.04}
    assert (at, then) == (60, 90)
    assert widest is not None
    assert rest is not None
    assert widest.most == 1000 - at
    assert 0 < rest.spare < widest.spare  # for a width of 5% instead of 10, in cheaper models
    assert (outcome.measured, outcome.remaining) == (8, 0)
    assert all(record.outcome.status == Status.OK for record in outcome.records)


def test_too_little_time_narrows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = Groups(monkeypatch, 30.0)
    groups.widths = {"vgg16": 0.1}
    run(COSTS, max_seconds=63.0)
    assert len(groups.allowed) == 2


def test_nothing_is_started_after_the_time_though_nothing_was_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = Groups(monkeypatch, 60.0)
    groups.silent = True
    outcome = run(COSTS, max_seconds=50.0)
    assert len(groups.allowed) == 1, "the second of two cohorts would begin after 60 s"
    assert (outcome.measured, outcome.remaining) == (0, 8)


@pytest.mark.parametrize(("most", "begun"), [(64.0, 1), (600.0, 2)])
def test_what_the_time_left_is_too_little_for_waits_for_another_run(
    monkeypatch: pytest.MonkeyPatch, most: float, begun: int
) -> None:
    groups = Groups(monkeypatch, 60.0)
    outcome = run(COSTS, max_seconds=most)
    assert len(groups.allowed) == begun
    assert (outcome.measured > 0, outcome.remaining > 0) == (True, begun == 1)


def test_a_suite_of_trainings_alone_shares_nothing(trained: list[Any]) -> None:
    assert run(TRANSFER, max_seconds=600.0).records
    empty = Suite("planted", COST.models)
    assert run(empty, max_seconds=600.0).records == ()


def test_cases_of_one_cohort_share_their_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    finished = Estimate.finished

    def noted(self: Estimate, trial: Any, seconds: float) -> None:
        seen.append(seconds)
        finished(self, trial, seconds)

    monkeypatch.setattr(Estimate, "finished", noted)

    def run_group(group: Any, *_: Any, **__: Any) -> Any:
        for place, case in enumerate(group.cases):
            yield case, replace(OK, status=Status.OK, started=1000.0, duration_s=10.0 + 2 * place)

    monkeypatch.setattr("zoo.runs.jobs.cohort.run_group", run_group)
    run(COST)
    assert seen == [10.0, 2.0, 2.0]

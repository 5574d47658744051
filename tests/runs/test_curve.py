"""A run measures curves as far as they rise, says where they end, and goes on in them where it was cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from zoo.cohorts.curves import Curves
from zoo.executors.events import Message, RunPlanned, TrialDone
from zoo.outcome import Outcome, Status
from zoo.paths import default_store_url
from zoo.plans.cost import plan_cost
from zoo.runs import execute
from zoo.statistics.measurement import Measurement
from zoo.suites.suite import CostPlan, Suite, TransferPlan

MODELS = ("torchvision/resnet18", "torchvision/squeezenet1_0")
COST = CostPlan(
    devices=("cpu",),
    metrics=("throughput",),
    batches=("curve",),
    throughput_threads=(1,),
    input_size=64,
    aa_pair=False,
)
SUITE = Suite("planted", MODELS, cost=COST)
LEVEL = {"torchvision/resnet18": 4, "torchvision/squeezenet1_0": 1024}
"""The batch beyond which a model's rate is level."""


class Harness:
    """Stands in for the processes: each case has the rate that is planted, until it is cut."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, int]] = []
        self.cut_after: int | None = None
        self.memory = 32
        monkeypatch.setattr("zoo.runs.jobs.cohort.run_group", self.run_group)

    def run_group(
        self, group: Any, protocol: Any, say: Any, allowance: Any, earlier: Any, known: Any
    ) -> Iterator[tuple[Any, Outcome]]:
        del protocol, say, allowance
        curves = Curves(group.cases, known)
        for cohort in group.cohorts:
            for case in [case for case in cohort.cases if case.label in earlier or curves.needs(case)]:
                if self.cut_after is not None and len(self.asked) >= self.cut_after:
                    raise KeyboardInterrupt
                self.asked.append((case.model.rpartition("/")[2], case.settings.batch))
                outcome = self.outcome(case.model, case.settings.batch)
                curves.add(case, outcome)
                yield case, outcome

    def outcome(self, model: str, batch: int) -> Outcome:
        if batch >= self.memory and model == MODELS[1]:
            return Outcome(Status.OOM, "MemoryError: planted", started=1.8e9)
        rate = 1000.0 * min(batch, LEVEL[model])
        metrics = {"throughput": Measurement(rate, "images/s", rate * 0.99, rate * 1.01, 8)}
        samples = {"round_medians_ms": [1000 * batch / rate] * 8}
        return Outcome(Status.OK, metrics=metrics, samples=samples, started=1.8e9, duration_s=1.0)

    def batches(self, model: str) -> list[int]:
        return [batch for name, batch in self.asked if name == model]


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Harness:
    return Harness(monkeypatch)


def run(suite: Suite = SUITE, **kwargs: Any) -> execute.RunOutcome:
    return execute.run_suite(suite, store_url=default_store_url(), **kwargs)


def test_a_curve_ends_for_each_model_by_itself_and_the_run_says_why(harness: Harness) -> None:
    events: list[Any] = []
    outcome = run(on_event=events.append)
    assert harness.batches("resnet18") == [1, 2, 4, 8, 16]
    assert harness.batches("squeezenet1_0") == [1, 2, 4, 8, 16, 32]
    assert (outcome.measured, outcome.skipped, outcome.remaining, outcome.failed) == (11, 0, 0, 1)
    said = [event.text for event in events if isinstance(event, Message)]
    assert said[-2:] == [
        "torchvision/resnet18, throughput, cpu, batch 16, 1 thread: flat since 4; larger batches are not measured",
        "torchvision/squeezenet1_0, throughput, cpu, batch 32, 1 thread: oom at 32; larger batches are not measured",
    ]
    # What lies beyond the end is not waited for.
    [planned] = [event for event in events if isinstance(event, RunPlanned)]
    assert planned.trials == 18
    done = [event for event in events if isinstance(event, TrialDone)]
    assert (done[-1].done, done[-1].total, done[-1].seconds_left) == (11, 11, 0)


def test_a_second_run_finds_every_curve_ended(harness: Harness) -> None:
    first = run()
    harness.asked.clear()
    events: list[Any] = []
    again = run(on_event=events.append)
    assert harness.asked == []
    assert (again.measured, again.skipped, again.remaining) == (0, 11, 0)
    assert [record.id for record in again.records] == [record.id for record in first.records]
    assert events[0] == RunPlanned(11, 11, 0)


@pytest.mark.parametrize("cut", range(1, 11))
def test_a_run_that_was_cut_goes_on_at_its_point(harness: Harness, cut: int) -> None:
    harness.cut_after = cut
    first = run()
    assert first.interrupted
    assert first.measured == cut
    assert first.remaining > 0
    harness.cut_after = None
    second = run()
    assert (second.measured, second.skipped, second.remaining) == (11 - cut, cut, 0)
    assert sorted(harness.asked) == sorted(set(harness.asked))
    assert harness.batches("resnet18") == [1, 2, 4, 8, 16]


def test_measured_again_a_curve_may_end_elsewhere_and_older_points_are_not_its_own(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    monkeypatch.setitem(LEVEL, "torchvision/resnet18", 1)
    again = run(again=True)
    batches = [r.trial.cost.batch for r in again.records if r.trial.model == "torchvision/resnet18"]
    assert batches == [1, 2, 4]


def test_retry_tries_the_end_again_and_goes_on_beyond(harness: Harness) -> None:
    run()
    harness.asked.clear()
    harness.memory = 10**6
    outcome = run(retry=True)
    assert harness.asked == [("squeezenet1_0", batch) for batch in (32, 64, 128, 256)]
    assert (outcome.measured, outcome.failed, outcome.remaining) == (4, 0, 0)


def test_trainings_in_a_budget_do_not_wait_for_what_is_never_measured(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = Outcome(Status.OK, metrics={"accuracy": Measurement(0.5, "fraction", 0.4, 0.6, 2)}, duration_s=1.0)
    monkeypatch.setattr("zoo.executors.process.JobProcess.ask", lambda *_: answered)
    transfer = TransferPlan(strategies=("random_features",), shots=(5,), seeds=1)
    suite = replace(SUITE, transfer=transfer)
    outcome = run(suite, max_seconds=3600)
    assert outcome.remaining == 0
    assert len([record for record in outcome.records if record.trial.kind == "transfer"]) == 2


def test_points_that_a_budget_left_wide_are_narrowed_though_others_were_never_measured(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Harness, "outcome", lambda self, model, batch: _wide_at_first(self, model, batch))
    outcome = run(max_seconds=3600)
    assert harness.batches("resnet18") == [1, 2, 4, 8, 16, 2]
    assert {record.outcome.status for record in outcome.records if "resnet" in record.trial.model} == {Status.OK}
    assert outcome.remaining == 0


PLAIN = Harness.outcome


def _wide_at_first(harness: Harness, model: str, batch: int) -> Outcome:
    found = PLAIN(harness, model, batch)
    wide = (model, batch) == (MODELS[0], 2) and harness.batches("resnet18").count(2) == 1
    notes = {"rounds": 6, "half_width": 0.1 if wide else 0.01}
    return replace(found, notes=notes, status=Status.UNCONVERGED if wide else found.status)


def test_points_are_ordinary_trials_with_the_keys_of_batches_by_number() -> None:
    numbers = Suite("n", MODELS, cost=replace(COST, batches=(1, 64)))
    curve = {item.trial.key: item.case.on_curve for item in plan_cost(SUITE)}
    assert len(curve) == 18
    assert all(curve.values())
    asked = plan_cost(numbers)
    assert {item.trial.key for item in asked} < curve.keys()
    assert not any(item.case.on_curve for item in asked)

"""A curve is measured as far as it rises, in the processes that are there, and goes on where it was left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.cohorts.planted import PlantedClock, PlantedWorker, case
from zoo.cohorts import cohort as cohort_module
from zoo.cohorts import measure
from zoo.cohorts.curves import Curves
from zoo.cohorts.groups import MOST_OF_ANCHOR, plan_groups
from zoo.cohorts.measure import measure_cost, run_group
from zoo.cost.case import HIDDEN, Case
from zoo.cost.protocol import Protocol
from zoo.cost.worker.requests import Prepare
from zoo.machine.contention import Contention
from zoo.outcome import Outcome, Status
from zoo.processes.guard import Failure
from zoo.statistics.curve import CurvePoint
from zoo.statistics.measurement import Measurement

OOM = Failure(Status.OOM, "MemoryError: planted")
LADDER = tuple(2**power for power in range(9))

Rate = Callable[[int], float]
"""Images a second at a batch."""


def saturates(at: int, most: float = 1600.0) -> Rate:
    """A rate that doubles up to a batch, and is level beyond."""
    return lambda batch: most * min(batch, at) / at


class Machine:
    """Workers whose calls take as long as the planted rates say, and which fail where memory ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, rates: dict[str, Rate], memory: dict[str, int]) -> None:
        self.rates, self.memory = rates, memory
        self.clock = PlantedClock()
        self.started: list[tuple[str, int]] = []
        self.prepared: list[tuple[str, int, int]] = []
        quiet = Contention(0.0, 0, 1)
        monkeypatch.setattr(cohort_module, "time", self.clock.module)
        monkeypatch.setattr(cohort_module, "read_contention", lambda: quiet)
        monkeypatch.setattr("zoo.cohorts.series.read_contention", lambda: quiet)
        monkeypatch.setattr(measure, "started", self.start)

    def start(self, started: Case, protocol: Protocol) -> Any:
        machine, model = self, started.model.rpartition("/")[2]
        self.started.append((model, started.replica))

        class Worker(PlantedWorker):
            batch = 1

            def receive(self, timeout_s: float, doing: str) -> Any:
                if isinstance(self.request, Prepare):
                    self.batch = self.request.settings.batch
                    machine.prepared.append((model, started.replica, self.batch))
                elif self.batch >= machine.memory.get(model, 10**6):
                    return OOM
                return super().receive(timeout_s, doing)

            def call(self) -> tuple[float, float | None]:
                taken = self.batch / machine.rates[model](self.batch)
                machine.clock.now += taken
                return taken, None

        return Worker(self.clock, lambda _now: 0.0, protocol)

    def batches(self, model: str, replica: int = 0) -> list[int]:
        """At which a model was measured, in order."""
        return [batch for name, half, batch in self.prepared if (name, half) == (model, replica)]


def ladder(name: str, replica: int = 0, batches: Sequence[int] = LADDER, **changed: Any) -> list[Case]:
    cases = [case(name, replica, metric="throughput", batch=batch, **changed) for batch in batches]
    return [replace(one, label=f"{one.label}-{one.settings.batch}", on_curve=True) for one in cases]


def by_batch(*models: list[Case]) -> list[Case]:
    """Cases as a suite plans them: batch by batch, each of all models."""
    return sorted((one for cases in models for one in cases), key=lambda one: one.settings.batch)


def test_each_model_is_measured_as_far_as_its_own_curve_rises(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {"resnet18": saturates(2), "squeezenet1_0": saturates(16), "mobilenet_v2": saturates(1024, 1e5)}
    machine = Machine(monkeypatch, rates, {"mobilenet_v2": 64})
    cases = by_batch(*(ladder(name) for name in rates))
    found = dict(measure_cost(cases, Protocol()))
    assert machine.batches("resnet18") == [1, 2, 4, 8]
    assert machine.batches("squeezenet1_0") == [1, 2, 4, 8, 16, 32, 64]
    assert machine.batches("mobilenet_v2") == [1, 2, 4, 8, 16, 32, 64]
    assert [found[one].status for one in cases if one in found and "mobilenet" in one.model] == [
        *[Status.OK] * 6, Status.OOM,
    ]  # fmt: skip
    told = {one.settings.batch: found[one].metrics["throughput"].value for one in found if "squeezenet" in one.model}
    assert told == pytest.approx({1: 100, 2: 200, 4: 400, 8: 800, 16: 1600, 32: 1600, 64: 1600})


def test_processes_are_shared_by_the_points_and_the_anchor_goes_on_beside_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = Machine(monkeypatch, {"resnet18": saturates(1), "squeezenet1_0": saturates(32)}, {})
    found = dict(measure_cost(by_batch(ladder("resnet18"), ladder("squeezenet1_0")), Protocol()))
    assert machine.started == [("resnet18", 0), ("squeezenet1_0", 0), ("resnet18", HIDDEN)]
    assert machine.batches("resnet18") == [1, 2, 4]
    # Where its own curve has ended it tells of the machine, with few images.
    assert machine.batches("resnet18", HIDDEN) == [8, MOST_OF_ANCHOR, MOST_OF_ANCHOR, MOST_OF_ANCHOR, MOST_OF_ANCHOR]
    assert not any("no anchor" in outcome.flags for outcome in found.values())


def test_a_model_that_ran_out_of_memory_gets_a_fresh_process_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {"vgg16": saturates(64), "squeezenet1_0": saturates(8), "resnet18": saturates(8)}
    machine = Machine(monkeypatch, rates, {"vgg16": 4})
    curve, later = ladder("vgg16"), case("vgg16", metric="throughput", batch=2, threads=2)
    dict(measure_cost([*by_batch(curve, ladder("squeezenet1_0")), later], Protocol()))
    assert machine.batches("vgg16") == [1, 2, 4, 2]
    assert machine.started.count(("vgg16", 0)) == 2


def test_a_slow_model_is_not_called_for_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, {"vgg16": lambda batch: 1.2 * batch**0.2, "resnet18": saturates(8)}, {})
    dict(measure_cost(ladder("vgg16"), Protocol()))
    # A call of 4 is expected to take 4 / 1.38 = 2.9 s, one of 8 then 5.
    assert machine.batches("vgg16") == [1, 2, 4]


def test_a_curve_goes_on_where_it_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, {"squeezenet1_0": saturates(16), "resnet18": saturates(8)}, {})
    curve = ladder("squeezenet1_0")
    first = dict(measure_cost(curve[:4], Protocol()))
    known = Curves(curve)
    for one, outcome in first.items():
        assert known.add(one, outcome) is None
    assert known.unneeded == frozenset()
    (group,) = plan_groups(curve[4:], 5)
    machine.prepared.clear()
    rest = dict(run_group(group, Protocol(), lambda _event: None, known=known.known))
    assert machine.batches("squeezenet1_0") == [16, 32, 64]
    ends = [ended for one, outcome in rest.items() if (ended := known.add(one, outcome)) is not None]
    assert [one.settings.batch for one in ends[0].beyond] == [128, 256]
    assert str(ends[0]) == (
        "torchvision/squeezenet1_0, throughput, cpu, batch 64, 1 thread, trained form: flat since 16; larger batches "
        "are not measured"
    )
    assert len(ends) == 1
    assert known.unneeded == {one.label for one in curve[7:]}
    # All is known: there is nothing to measure, and no process is started.
    machine.started.clear()
    (group,) = plan_groups(curve[7:], 5)
    assert dict(run_group(group, Protocol(), lambda _event: None, known=known.known)) == {}
    assert machine.started == []


def test_the_halves_of_a_pair_end_together(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, {"resnet18": saturates(4)}, {})
    cases = by_batch(ladder("resnet18"), ladder("resnet18", replica=1))
    found = dict(measure_cost(cases, Protocol()))
    assert machine.batches("resnet18") == machine.batches("resnet18", 1) == [1, 2, 4, 8, 16]
    curves = Curves(cases)
    ends = [ended for one, outcome in found.items() if (ended := curves.add(one, outcome))]
    assert [(one.settings.batch, one.replica) for one in ends[0].beyond] == [
        (batch, half) for batch in (32, 64, 128, 256) for half in (0, 1)
    ]


def test_what_was_asked_for_by_number_is_measured_beyond_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, {"squeezenet1_0": saturates(1), "resnet18": saturates(8)}, {})
    curve = ladder("squeezenet1_0")
    cases = [replace(one, on_curve=one.settings.batch not in (1, 64)) for one in curve]
    cases.append(case("squeezenet1_0", metric="throughput", batch=100))
    dict(measure_cost(cases, Protocol()))
    assert machine.batches("squeezenet1_0") == [1, 2, 4, 64, 100]
    # Beside numbers the anchor has as many images as they.
    assert machine.batches("resnet18", HIDDEN) == [1, 2, 4, 64, 100]


def outcome(rate: float | None) -> Outcome:
    if rate is None:
        return Outcome(Status.TIMEOUT, "planted")
    return Outcome(Status.OK, metrics={"throughput": Measurement(rate, "images/s", rate * 0.99, rate * 1.01, 8)})


def test_a_gap_is_filled_before_what_is_beyond_it_tells_of_an_end() -> None:
    curve = ladder("resnet18")
    curves = Curves(curve)
    for place in (0, 1, 3, 4):
        assert curves.add(curve[place], outcome(100)) is None
    assert curves.unneeded == frozenset()
    assert all(map(curves.needs, curve))
    ended = curves.add(curve[2], outcome(100))
    assert ended is not None
    assert (ended.last, ended.why) == (curve[2], "flat since 1")
    # What was measured beyond the end stays what it is.
    assert [one.settings.batch for one in ended.beyond] == [32, 64, 128, 256]


def test_settings_have_curves_of_their_own_and_other_metrics_none() -> None:
    one, two = ladder("resnet18"), ladder("resnet18", threads=2)
    latency = case("resnet18")
    curves = Curves([*one, *two, latency])
    assert curves.add(latency, outcome(1)) is None
    assert curves.add(one[0], outcome(None)) is not None
    assert curves.unneeded == {c.label for c in one[1:]}
    assert curves.needs(latency)
    assert curves.needs(two[1])
    assert not curves.needs(one[1])


def test_points_of_before_are_given_as_they_were() -> None:
    curve = ladder("resnet18")
    curves = Curves(curve[1:], [(curve[0], CurvePoint(1, None, "failed"))])
    assert not any(map(curves.needs, curve[1:]))
    assert curves.known == ((curve[0], CurvePoint(1, None, "failed")),)

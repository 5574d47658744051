"""A cohort measures what was planted, through drift, and goes on after what fails."""

from __future__ import annotations

import math
import os
from typing import Any

import pytest

from tests.cohorts.planted import PlantedClock, PlantedWorker, case, noisy
from zoo.cohorts import cohort as cohort_module
from zoo.cohorts.cohort import run_cohort
from zoo.cost.case import HIDDEN, Case
from zoo.cost.metrics.base import BLIND, UNSTABLE
from zoo.cost.protocol import Protocol
from zoo.cost.worker.requests import Compare, CountMacs, FirstCall, Prepare, ReadState, Round, WarmUp
from zoo.machine.contention import Contention
from zoo.machine.gpu_state import GpuState
from zoo.outcome import Outcome, Status
from zoo.processes.guard import Failure
from zoo.statistics.comparison import Verdict, paired_ratio, verdict
from zoo.statistics.measurement import Measurement

A, B, ANCHOR = case("mobilenet_v2"), case("squeezenet1_0"), case("resnet18")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PlantedClock:
    planted = PlantedClock()
    monkeypatch.setattr(cohort_module, "time", planted.module)
    quiet = Contention(0.0, 0, 1)
    monkeypatch.setattr(cohort_module, "read_contention", lambda: quiet)
    monkeypatch.setattr("zoo.cohorts.series.read_contention", lambda: quiet)
    return planted


def outcomes(workers: dict[Case, Any], anchor: Case | None, protocol: Protocol, seed: int = 0) -> dict[Case, Outcome]:
    return dict(run_cohort(workers, anchor, protocol, lambda _event: None, seed))


def test_a_planted_slow_down_of_five_percent_is_found_under_drift(clock: PlantedClock) -> None:
    protocol = Protocol(target_half_width=0.0, max_rounds=24, cohort_budget_s=1e6)
    workers = {
        A: PlantedWorker(clock, noisy(0.020, 0.01, 1, drift_per_s=0.01), protocol),
        B: PlantedWorker(clock, noisy(0.021, 0.01, 2, drift_per_s=0.01), protocol),
    }
    found = outcomes(workers, None, protocol)
    medians = [found[s].samples["round_medians_ms"] for s in (A, B)]
    ratio = paired_ratio(*medians)
    assert verdict(ratio) == Verdict.SLOWER
    assert ratio.low < 1.05 < ratio.high
    # Alone, each interval is far wider than the difference: the drift is in it, and out of the ratio.
    latency = found[A].metrics["latency_ms"]
    assert (ratio.high - ratio.low) / 2 < latency.relative_half_width / 3


def test_identical_models_are_the_same(clock: PlantedClock) -> None:
    protocol = Protocol(target_half_width=0.0, max_rounds=24, cohort_budget_s=1e6)
    workers = {s: PlantedWorker(clock, noisy(0.02, 0.01, i, 0.01), protocol) for i, s in enumerate((A, B))}
    found = outcomes(workers, None, protocol)
    ratio = paired_ratio(*(found[s].samples["round_medians_ms"] for s in (A, B)))
    assert verdict(ratio) == Verdict.SAME


def test_a_steady_model_stops_early_and_a_noisy_one_ends_unconverged(clock: PlantedClock) -> None:
    protocol = Protocol(cohort_budget_s=60)
    workers = {
        A: PlantedWorker(clock, noisy(0.02, 0.001, 1), protocol),
        B: PlantedWorker(clock, lambda now: 0.02 * (1 + int(now * 2) % 3), protocol),
    }
    found = outcomes(workers, None, protocol)
    assert found[A].status == Status.OK
    assert found[A].notes["rounds"] == protocol.min_rounds
    assert found[A].notes["macs"] == 4.2e6
    assert found[A].metrics["latency_ms"].value == pytest.approx(20, rel=0.01)
    assert found[B].status == Status.UNCONVERGED
    assert "rounds instead of ±2%" in found[B].reason
    assert found[B].metrics["latency_ms"].low is not None


def test_what_is_slow_has_an_interval_all_the_same_and_the_others_end_with_the_budget(clock: PlantedClock) -> None:
    """At 1.5 s a call, with four calls a round, six rounds take 36 s."""
    protocol = Protocol(cohort_budget_s=20)
    workers = {
        A: PlantedWorker(clock, noisy(0.05, 0.3, 1), protocol),
        B: PlantedWorker(clock, noisy(1.5, 0.3, 2), protocol),
    }
    found = outcomes(workers, None, protocol)
    assert found[B].notes["rounds"] == protocol.least_rounds
    assert found[B].metrics["latency_ms"].low is not None
    assert found[A].notes["rounds"] < 2 * protocol.least_rounds
    assert clock.now < 60
    hopeless = Protocol(cohort_budget_s=5)
    found = outcomes({B: PlantedWorker(clock, noisy(1.5, 0.3, 2), hopeless)}, None, hopeless)
    assert found[B].notes["rounds"] in (2, 3, 4)
    assert found[B].reason.startswith("no interval after ")


def test_what_has_not_settled_says_how_long_it_would_take(clock: PlantedClock) -> None:
    """Where each round takes 0.14 s and the interval is ten times as wide as it should be."""
    protocol = Protocol(cohort_budget_s=2)
    found = outcomes({A: PlantedWorker(clock, noisy(0.02, 0.3, 1), protocol)}, None, protocol)[A]
    width = found.metrics["latency_ms"].relative_half_width
    assert width is not None
    minutes = max(1, math.ceil(2 * (width / 0.02) ** 2 / 60))
    assert found.reason.endswith(f" rounds instead of ±2%, which would take about {minutes} min")
    endless = Protocol(cohort_budget_s=2, target_half_width=1e-4)
    found = outcomes({A: PlantedWorker(clock, noisy(0.02, 0.3, 1), endless)}, None, endless)[A]
    assert found.reason.endswith(" rounds instead of ±0%")


def test_throughput_is_images_a_second(clock: PlantedClock) -> None:
    protocol = Protocol()
    batched = case("mobilenet_v2", metric="throughput", batch=8)
    found = outcomes({batched: PlantedWorker(clock, lambda _now: 0.02, protocol)}, None, protocol)[batched]
    throughput = found.metrics["throughput"]
    assert (throughput.value, throughput.unit) == (pytest.approx(8 / 0.02), "images/s")
    assert found.samples["round_medians_ms"] == pytest.approx([20.0] * found.notes["rounds"])
    assert "latency_ms" not in found.metrics


def test_rounds_keep_their_number_so_that_twins_are_paired_round_by_round(clock: PlantedClock) -> None:
    protocol = Protocol(target_half_width=0.0, max_rounds=12, cohort_budget_s=1e6)
    twins = [case("resnet18", replica) for replica in (0, 1)]
    # Steps that both see, many times wider than what they differ by.
    worker = [PlantedWorker(clock, lambda now, f=f: f * (1 + int(now) % 3), protocol) for f in (0.02, 0.0202)]
    found = outcomes(dict(zip(twins, worker, strict=True)), None, protocol)
    for twin in twins:
        assert found[twin].notes["round_index"] == list(range(12))
        assert len(found[twin].samples["round_medians_ms"]) == 12


def test_the_first_call_that_is_stated_is_the_first(clock: PlantedClock) -> None:
    protocol = Protocol()
    durations = iter([1.5])
    worker = PlantedWorker(clock, lambda _now: next(durations, 0.02), protocol)
    found = outcomes({A: worker}, None, protocol)[A]
    assert found.metrics["first_call_ms"].value == pytest.approx(1500)
    assert worker.asked[:5] == [Prepare, FirstCall, CountMacs, WarmUp, Round]
    # The same process at another setting was called before, and states none.
    later = case("mobilenet_v2", batch=2)
    assert "first_call_ms" not in outcomes({later: worker}, None, protocol)[later].metrics


def test_what_is_not_the_model_as_built_says_how_far_its_outputs_are(clock: PlantedClock) -> None:
    protocol = Protocol()
    deployed = case("mobilenet_v2", form="deployed")
    worker = PlantedWorker(clock, lambda _now: 0.02, protocol, difference=3e-7)
    found = outcomes({deployed: worker}, None, protocol)[deployed]
    assert found.metrics["output_difference"] == Measurement(3e-7, "relative")
    assert worker.asked[:4] == [Prepare, FirstCall, CountMacs, Compare]
    plain = PlantedWorker(clock, lambda _now: 0.02, protocol, difference=3e-7)
    assert "output_difference" not in outcomes({A: plain}, None, protocol)[A].metrics
    assert Compare not in plain.asked


@pytest.mark.parametrize(
    ("compared", "flags"), [({}, ()), ({"blind": True}, (BLIND,)), ({"unstable": True}, (UNSTABLE,))]
)
def test_outputs_that_tell_nothing_are_flagged(
    clock: PlantedClock, compared: dict[str, bool], flags: tuple[str, ...]
) -> None:
    deployed = case("googlenet", form="deployed")
    worker = PlantedWorker(clock, lambda _now: 0.02, Protocol(), difference=0.0, compared=compared)
    assert outcomes({deployed: worker}, None, Protocol())[deployed].flags == ("no anchor", *flags)


class Patient(PlantedWorker):
    """One that notes how long it may take to start and to answer a round."""

    limits: dict[str, float]

    def receive(self, timeout_s: float, doing: str) -> Any:
        self.limits = getattr(self, "limits", {}) | {doing: timeout_s}
        return super().receive(timeout_s, doing)


def test_what_compiles_may_take_longer(clock: PlantedClock) -> None:
    protocol = Protocol()
    eager, compiled = case("mobilenet_v2"), case("squeezenet1_0", engine="compiled")
    workers = {each: Patient(clock, lambda _now: 0.02, protocol) for each in (eager, compiled)}
    outcomes(workers, None, protocol)
    for doing in ("while it started", "in round 1"):
        assert workers[compiled].limits[doing] == 5 * workers[eager].limits[doing]


def test_a_form_of_other_outputs_is_a_failure_and_is_not_timed(clock: PlantedClock) -> None:
    protocol, deployed = Protocol(), case("mobilenet_v2", form="deployed")
    worker = PlantedWorker(clock, lambda _now: 0.02, protocol, fails_in=Compare)
    found = outcomes({deployed: worker}, None, protocol)[deployed]
    assert (found.status, found.reason, found.metrics) == (Status.FAILED, "RuntimeError: planted", {})
    assert Round not in worker.asked


def test_a_gpu_is_looked_at_after_each_round_of_the_one_who_computes(clock: PlantedClock) -> None:
    protocol = Protocol()
    pids = (101, 102, 999)
    hot = case("mobilenet_v2", device="cuda")
    cool = case("squeezenet1_0", device="cuda")
    workers = {
        hot: PlantedWorker(clock, noisy(0.02, 0.001, 1), protocol, gpu=GpuState(("by heat",), pids), pid=101),
        cool: PlantedWorker(clock, noisy(0.02, 0.001, 2), protocol, gpu=GpuState((), (101, 102)), pid=102),
    }
    found = outcomes(workers, None, protocol)
    assert {"gpu clock limited by heat", "1 other process on the gpu"} <= set(found[hot].flags)
    assert not [flag for flag in found[cool].flags if "gpu" in flag]
    assert workers[hot].asked.count(ReadState) == workers[hot].asked.count(Round) == found[hot].notes["rounds"]


@pytest.mark.parametrize("outside", [0, 4000], ids=["numbered as here", "numbered as outside of a container"])
def test_a_notebook_that_is_on_the_gpu_itself_is_no_stranger(
    clock: PlantedClock, monkeypatch: pytest.MonkeyPatch, outside: int
) -> None:
    monkeypatch.setattr(cohort_module, "started", lambda: True)
    pids = (101 + outside, os.getpid() + outside)
    there = case("mobilenet_v2", device="cuda")
    worker = PlantedWorker(clock, noisy(0.02, 0.001, 1), Protocol(), gpu=GpuState((), pids), pid=101)
    assert outcomes({there: worker}, None, Protocol())[there].flags == ("no anchor",)


def test_a_reading_that_fails_ends_the_case_as_a_round_would(clock: PlantedClock) -> None:
    protocol = Protocol()
    there = case("mobilenet_v2", device="cuda")
    workers = {there: PlantedWorker(clock, noisy(0.02, 0.001, 1), protocol, fails_in=ReadState)}
    found = outcomes(workers, None, protocol)[there]
    assert (found.status, found.reason) == (Status.FAILED, "RuntimeError: planted")


def test_the_anchor_goes_on_to_the_end_and_its_drift_is_flagged(clock: PlantedClock) -> None:
    protocol = Protocol(cohort_budget_s=60)
    workers = {
        A: PlantedWorker(clock, noisy(0.02, 0.2, 1), protocol),
        ANCHOR: PlantedWorker(clock, noisy(0.02, 0.001, 2, drift_per_s=0.01), protocol),
    }
    found = outcomes(workers, ANCHOR, protocol)
    assert found[ANCHOR].notes["rounds"] >= found[A].notes["rounds"] > protocol.min_rounds
    assert any(flag.startswith("anchor drift +") for flag in found[A].flags)
    assert found[A].notes["anchor_ratio"] > 0
    assert found[A].notes["anchor_px"] == 64


def test_an_anchor_that_was_asked_for_goes_on_until_it_is_resolved_and_a_hidden_one_does_not(
    clock: PlantedClock,
) -> None:
    protocol = Protocol(cohort_budget_s=1000)
    rounds = {}
    for replica in (0, HIDDEN):
        anchor = case("resnet18", replica)
        workers = {
            A: PlantedWorker(clock, noisy(0.02, 0.001, 1), protocol),
            anchor: PlantedWorker(clock, noisy(0.02, 0.08, 2), protocol),
        }
        found = outcomes(workers, anchor, protocol)
        rounds[replica] = found[anchor].notes["rounds"]
        assert found[A].notes["rounds"] == protocol.min_rounds
        assert found[anchor].status == (Status.OK if replica == 0 else Status.UNCONVERGED)
    assert rounds[0] > rounds[HIDDEN] == protocol.min_rounds


@pytest.mark.parametrize("stage", [Prepare, FirstCall, WarmUp, Round])
def test_a_failure_at_any_stage_is_an_outcome_and_the_rest_goes_on(clock: PlantedClock, stage: type) -> None:
    protocol = Protocol()
    workers = {
        A: PlantedWorker(clock, noisy(0.02, 0.001, 1), protocol, fails_in=stage),
        B: PlantedWorker(clock, noisy(0.02, 0.001, 2), protocol),
    }
    found = outcomes(workers, None, protocol)
    assert (found[A].status, found[A].reason) == (Status.FAILED, "RuntimeError: planted")
    assert workers[A].closed
    assert found[B].status == Status.OK


def test_a_late_failure_keeps_the_rounds_but_states_no_number(clock: PlantedClock) -> None:
    protocol = Protocol()
    failure = Failure(Status.TIMEOUT, "no answer")
    workers = {
        A: PlantedWorker(clock, noisy(0.02, 0.001, 1), protocol, fails_in=Round, fails_after=3, failure=failure)
    }
    found = outcomes(workers, None, protocol)[A]
    assert found.status == Status.TIMEOUT
    assert found.notes["rounds"] == 3
    assert found.metrics == {}


def test_without_its_anchor_a_cohort_says_so(clock: PlantedClock) -> None:
    protocol = Protocol()
    workers = {
        A: PlantedWorker(clock, noisy(0.02, 0.001, 1), protocol),
        ANCHOR: PlantedWorker(clock, noisy(0.02, 0.001, 2), protocol, fails_in=WarmUp),
    }
    found = outcomes(workers, ANCHOR, protocol)
    assert found[ANCHOR].status == Status.FAILED
    assert found[A].status == Status.OK
    assert "no anchor" in found[A].flags


def test_a_budget_too_short_for_a_single_round_is_a_timeout(clock: PlantedClock) -> None:
    protocol = Protocol(cohort_budget_s=0.0)
    workers = {A: PlantedWorker(clock, noisy(0.02, 0.001, 1), protocol)}
    assert outcomes(workers, None, protocol)[A].status == Status.TIMEOUT


def test_contention_is_flagged_and_nothing_is_thrown_away(
    clock: PlantedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy() -> Contention:
        # A fifth of all time waited for a core, 3% of it stolen.
        return Contention(0.2 * clock.now, int(3 * clock.now), int(100 * clock.now) + 1)

    monkeypatch.setattr(cohort_module, "read_contention", busy)
    monkeypatch.setattr("zoo.cohorts.series.read_contention", busy)
    protocol = Protocol()
    found = outcomes({A: PlantedWorker(clock, noisy(0.02, 0.001, 1), protocol)}, None, protocol)[A]
    assert "cpu pressure 20%" in found.flags
    assert any(flag.startswith("steal ") for flag in found.flags)
    assert len(found.samples["iterations_ms"]) == sum(found.notes["iterations_per_round"])

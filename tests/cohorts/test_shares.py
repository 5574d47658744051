"""A run's time is shared so that every cohort has an interval before any is narrowed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.cohorts.planted import PlantedClock, PlantedWorker, case, noisy
from zoo.cohorts import cohort as cohort_module
from zoo.cohorts.cohort import run_cohort
from zoo.cohorts.groups import plan_groups
from zoo.cohorts.shares import Allowance, Need, Shares, needs_of, part_of_first
from zoo.cost.case import Case
from zoo.cost.protocol import Protocol
from zoo.cost.worker.requests import FirstCall
from zoo.machine.contention import Contention
from zoo.machine.prior import EFFECTIVE_MACS_PER_S, macs_per_s
from zoo.machine.yardstick import Yardstick
from zoo.outcome import Outcome, Status

PROTOCOL = Protocol()
NEEDS = [Need(start=10, round=1), Need(start=20, round=3)]
"""With six rounds each 16 and 38 seconds."""


def test_what_is_spare_makes_as_many_rounds_of_each() -> None:
    assert (part_of_first(NEEDS), part_of_first(NEEDS[1:])) == (0.25, 1.0)
    assert part_of_first([Need(1, 0)]) == 1.0
    assert Allowance(100, 40).of(0.25, 10) == Allowance(90, 10)


def needs(*cases: Case, macs_per_s: float) -> list[Need]:
    [group] = plan_groups(cases, 5, anchor=None)
    return needs_of(group, PROTOCOL, macs_per_s)


def test_a_need_is_of_the_calls_that_a_round_makes() -> None:
    [fast] = needs(case("vgg16"), macs_per_s=1e15)
    assert fast.round == pytest.approx(PROTOCOL.min_round_s, rel=0.01)
    [slow] = needs(case("vgg16"), macs_per_s=1e9)
    call_s = slow.round / 3  # two that are not recorded, and one that fills the round
    assert call_s > PROTOCOL.round_s
    assert slow.start == pytest.approx(2 + 10 * call_s)
    one, two = needs(case("vgg16"), case("vgg16", threads=2), macs_per_s=1e9)
    assert one == slow
    assert two.round == pytest.approx(slow.round / 1.6)
    assert two.start == pytest.approx(10 * two.round / 3)  # in the process that is there
    assert needs(case("vgg16", device="cuda"), macs_per_s=1e9)[0].round < slow.round / 20
    assert needs(case("vgg16", metric="training"), macs_per_s=1e9)[0].round == pytest.approx(3 * slow.round)


def test_points_that_a_curve_is_expected_not_to_reach_need_nothing() -> None:
    near, far = (
        replace(case("vgg16", metric="throughput", batch=batch, threads=count), on_curve=True)
        for batch, count in ((1, 1), (8, 2))
    )
    found = needs(near, far, macs_per_s=1e9)  # a call of one takes over a second
    assert found[0].round > 0
    assert found[1] == Need(0.0, 0.0)
    # It is measured all the same where the machine is faster than expected, in what time there is.


def test_points_beyond_the_end_of_a_curve_do_not_make_the_machine_look_fast() -> None:
    curve = [replace(case("alexnet", metric="throughput", batch=2**p), on_curve=True, label=str(p)) for p in range(3)]
    [group] = plan_groups(curve, 5, anchor=None)
    shares = Shares([group], PROTOCOL, EFFECTIVE_MACS_PER_S)
    first = needs_of(group, PROTOCOL, EFFECTIVE_MACS_PER_S)[0]
    shares.finished(group, 2 * first.of(6), {"0": 6})
    assert shares.pace == pytest.approx(2)
    nothing = Shares([group], PROTOCOL, EFFECTIVE_MACS_PER_S, pace=1.5)
    nothing.finished(group, 1.0, {})
    assert nothing.pace == 1.5


def test_models_of_nowhere_and_metrics_that_are_no_calls_have_a_need_too() -> None:
    assert 0 < needs(case("nobodys"), macs_per_s=1e10)[0].round < 60
    assert needs(case("resnet18", metric="memory"), macs_per_s=1e10) == [Need(2, 2)]


def test_the_pace_is_learnt_from_the_rounds_that_were_taken() -> None:
    groups = plan_groups([case(name) for name in ("resnet18", "vgg16", "alexnet")], 1, anchor=None)
    shares = Shares(groups, PROTOCOL, 30e9)
    least = shares.least()
    [need] = needs_of(groups[0], PROTOCOL, 30e9)
    shares.finished(groups[0], 3 * need.of(9), {groups[0].cases[0].label: 9})
    assert shares.pace == pytest.approx(3)
    assert shares.least() == pytest.approx(3 * least)
    spare = 50 - shares.least(groups[-1:])
    assert shares.of(groups[-1], seconds=50, most=60) == Allowance(60, pytest.approx(spare))
    assert shares.of(groups[0], seconds=1, most=60) == Allowance(
        60, 0
    )  # all is set aside for what each needs at least


def test_a_core_computes_what_the_yardstick_says() -> None:
    one, half = macs_per_s(Yardstick(2.5, 1.0)), macs_per_s(Yardstick(5.0, 2.0))
    assert half == pytest.approx(one / 2)
    assert macs_per_s(Yardstick(2.5, 4.0)) == pytest.approx(one / 2)
    assert macs_per_s(None) == EFFECTIVE_MACS_PER_S


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PlantedClock:
    planted = PlantedClock()
    monkeypatch.setattr(cohort_module, "time", planted.module)
    monkeypatch.setattr(cohort_module, "read_contention", lambda: Contention(0.0, 0, 1))
    return planted


def measured(
    clock: PlantedClock, allowance: Allowance, earlier: dict[str, Outcome] | None = None
) -> dict[Case, Outcome]:
    """Two that never settle, of which one takes seconds a call."""
    workers: dict[Case, Any] = {
        case("alexnet"): PlantedWorker(clock, noisy(0.02, 0.5, 1), PROTOCOL),
        case("vgg16"): PlantedWorker(clock, noisy(3.0, 0.5, 2), PROTOCOL),
    }
    return dict(run_cohort(workers, None, PROTOCOL, lambda _event: None, allowance=allowance, earlier=earlier))


def test_within_a_run_a_cohort_ends_when_its_share_is_over(clock: PlantedClock) -> None:
    found = measured(clock, Allowance(400, seconds=200))
    assert all(outcome.status == Status.UNCONVERGED for outcome in found.values())
    assert 200 <= clock.now < 220  # the last round may be over the line
    assert all(outcome.notes["rounds"] > 6 for outcome in found.values())


def test_what_has_no_interval_yet_goes_on_after_its_share(clock: PlantedClock) -> None:
    found = measured(clock, Allowance(400, spare=0))
    assert {outcome.notes["rounds"] for outcome in found.values()} == {6}
    assert all(outcome.metrics["latency_ms"].low is not None for outcome in found.values())
    clock.now = 0.0
    measured(clock, Allowance(50, spare=0))
    assert 50 <= clock.now < 70


def test_what_the_time_held_no_round_of_is_left_for_another_run(clock: PlantedClock) -> None:
    assert measured(clock, Allowance(0.5)) == {}


@pytest.mark.parametrize(("most", "ready"), [(0.0, 0), (1.0, 1), (400.0, 3)])
def test_nothing_more_is_made_ready_once_the_time_is_over(clock: PlantedClock, most: float, ready: int) -> None:
    """The first call of each of three models takes a second or more."""
    workers: dict[Case, Any] = {}
    for name in ("alexnet", "vgg16", "resnet18"):
        workers[case(name)] = PlantedWorker(clock, noisy(3.0, 0.5, 2), PROTOCOL)
    found = dict(run_cohort(workers, None, PROTOCOL, lambda _event: None, allowance=Allowance(most)))
    assert bool(found) == (ready == 3)
    assert sum(FirstCall in worker.asked for worker in workers.values()) == ready


def test_rounds_go_on_where_an_earlier_cohort_ended(clock: PlantedClock) -> None:
    first = measured(clock, Allowance(400, spare=50))
    earlier = {case.label: replace(outcome, flags=("not warm", "cpu pressure 9%")) for case, outcome in first.items()}
    again = measured(clock, Allowance(400, spare=80), earlier)
    for one, outcome in again.items():
        before = first[one]
        count = before.notes["rounds"]
        assert outcome.notes["rounds"] > count
        assert outcome.notes["cohort"] == before.notes["cohort"]
        index = list(outcome.notes["round_index"])
        assert index[:count] == before.notes["round_index"]
        assert index == sorted(set(index))
        for name, values in before.samples.items():
            assert outcome.samples[name][: len(values)] == values
        assert outcome.notes["busy_s"] > before.notes["busy_s"]
        assert outcome.notes["iterations_per_round"][:count] == before.notes["iterations_per_round"]
        assert set(outcome.flags) >= {"not warm"}
        assert "cpu pressure 9%" not in outcome.flags  # found anew, of all rounds
        assert outcome.started > before.started

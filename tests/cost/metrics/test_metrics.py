"""Metrics are one table: what is timed is told as before, and what is not has a unit and a number of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.cohorts.planted import PlantedClock, PlantedWorker, case
from tests.cohorts.test_cohort import clock, outcomes
from zoo.cost.case import Case
from zoo.cost.metrics import METRICS
from zoo.cost.metrics.base import Metric, RoundValues
from zoo.cost.metrics.timed import LATENCY, THROUGHPUT
from zoo.cost.protocol import Protocol
from zoo.cost.worker.requests import CountMacs, FirstCall, Prepare, Round
from zoo.errors import UnknownNameError
from zoo.outcome import Outcome, Status
from zoo.statistics.comparison import Verdict, paired_ratio, unpaired_ratio, verdict
from zoo.statistics.measurement import Measurement
from zoo.statistics.quantity import Quantity

__all__ = ["clock"]

KILOBYTES = Quantity("params_kb", "parameters", "kB", "lower")
A, B, ANCHOR = (case(name, metric="params") for name in ("mobilenet_v2", "squeezenet1_0", "resnet18"))


def never(*_: object) -> float:
    raise AssertionError("rounds are planted")


@pytest.fixture(autouse=True)
def params() -> Iterator[None]:
    METRICS.register("params", Metric("params", KILOBYTES, take=never))
    yield
    METRICS.unregister("params")


def measured(clock: PlantedClock, *values: Callable[[], float], protocol: Protocol) -> dict[Case, Outcome]:
    workers = {
        each: PlantedWorker(clock, lambda _now: 0.02, protocol, value=value)
        for each, value in zip((A, B), values, strict=False)
    }
    return outcomes(workers, None, protocol)


def test_the_two_that_are_timed_are_what_they_were() -> None:
    assert [LATENCY.quantity.header, THROUGHPUT.quantity.header] == ["ms ↓", "images/s ↑"]
    assert (LATENCY.at_batches, LATENCY.threads) == (False, "threads")
    assert (THROUGHPUT.at_batches, THROUGHPUT.threads) == (True, "throughput_threads")
    for metric in (LATENCY, THROUGHPUT):
        assert METRICS.get(metric.name) is metric
        assert (metric.samples, metric.unit, metric.better, metric.timed) == ("round_medians_ms", "ms", "lower", True)


def test_numbers_of_timed_rounds_carry_percentiles_where_there_are_calls_enough() -> None:
    settings = case("resnet18", metric="throughput", batch=4).settings
    rounds = RoundValues(settings, [20.0] * 8, [20.0] * 100, [19.0] * 8, 500.0, 2.0)
    assert THROUGHPUT.measurements(rounds) == {
        "throughput": Measurement(200.0, "images/s", 200.0, 200.0, 8),
        "p90_ms": Measurement(20.0, "ms", n=100),
        "device_ms": Measurement(19.0, "ms", 19.0, 19.0, 8),
        "first_call_ms": Measurement(500.0, "ms"),
        "warmup_s": Measurement(2.0, "s"),
    }
    assert set(LATENCY.measurements(RoundValues(settings, [20.0] * 8))) == {"latency_ms", "warmup_s"}


def test_an_unknown_metric_gets_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown metric 'latencies': did you mean latency.*permitted: "):
        METRICS.get("latencies")


def test_a_value_that_does_not_vary_is_resolved_at_once(clock: PlantedClock) -> None:
    protocol = Protocol()
    for value in (5.5, 0.0):
        found = measured(clock, lambda value=value: value, protocol=protocol)[A]  # type: ignore[misc]
        assert (found.status, found.notes["rounds"]) == (Status.OK, protocol.min_rounds)
        assert found.metrics == {"params_kb": Measurement(value, "kB", value, value, protocol.min_rounds)}
        assert found.samples == {"rounds_kB": [value] * protocol.min_rounds}
        assert "iterations_per_round" not in found.notes


def test_no_calls_are_timed_for_it_and_none_to_warm_up(clock: PlantedClock) -> None:
    worker = PlantedWorker(clock, lambda _now: 0.02, Protocol(), value=lambda: 1.0)
    outcomes({A: worker}, None, Protocol())
    assert worker.asked == [Prepare, FirstCall, CountMacs] + [Round] * 8


def test_a_value_that_varies_goes_on_until_its_interval_is_narrow(clock: PlantedClock) -> None:
    wide = iter([1.0, 2.0] * 100)
    protocol = Protocol(max_rounds=12)
    found = measured(clock, lambda: next(wide), lambda: 3.0, protocol=protocol)
    assert found[A].status == Status.UNCONVERGED
    assert found[A].notes["rounds"] == 12
    assert "rounds instead of ±2%" in found[A].reason
    assert found[B].status == Status.OK


def test_its_anchor_is_told_in_its_unit(clock: PlantedClock) -> None:
    protocol = Protocol()
    workers = {
        each: PlantedWorker(clock, lambda _now: 0.02, protocol, value=lambda value=value: value)  # type: ignore[misc]
        for each, value in ((A, 3.0), (ANCHOR, 2.0))
    }
    notes = outcomes(workers, ANCHOR, protocol)[A].notes
    assert notes["anchor_kB"]["value"] == 2.0
    assert notes["anchor_ratio"] == 1.5
    for worker in workers.values():
        worker.value = lambda: 0.0
    assert "anchor_ratio" not in outcomes(workers, ANCHOR, protocol)[A].notes


def test_equal_values_are_the_same_and_others_are_not(clock: PlantedClock) -> None:
    for values, expected in (((100.0, 100.0), Verdict.SAME), ((100.0, 105.0), Verdict.SLOWER)):
        found = measured(clock, *(lambda v=v: v for v in values), protocol=Protocol())  # type: ignore[misc]
        rounds = [found[each].samples["rounds_kB"] for each in (A, B)]
        for ratio in (paired_ratio(*rounds), unpaired_ratio(*rounds)):
            assert verdict(ratio) == expected


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        (dict, "metric 'params' gave no params_kb"),
        (lambda: {"params_kb": Measurement(float("nan"), "kB")}, "metric 'params' gave nan as params_kb"),
        (lambda: 1 / 0, "ZeroDivisionError: division by zero"),
    ],
)
def test_a_metric_whose_numbers_fail_is_a_row_with_its_reason(
    clock: PlantedClock, monkeypatch: pytest.MonkeyPatch, numbers: Callable[[], dict[str, Measurement]], reason: str
) -> None:
    monkeypatch.setattr(Metric, "measurements", lambda self, rounds: numbers())
    found = measured(clock, lambda: 1.0, protocol=Protocol())[A]
    assert (found.status, found.reason, found.metrics) == (Status.FAILED, reason, {})
    assert found.samples == {"rounds_kB": [1.0] * 8}

"""Batches of a plan are numbers as they were given, and the points of a curve where one may be asked for."""

from __future__ import annotations

from zoo.cohorts.batches import planned_batches, points_on
from zoo.cost.metrics import METRICS


def test_a_curve_has_powers_of_two_up_to_what_its_device_is_filled_by() -> None:
    assert points_on("cpu") == (1, 2, 4, 8, 16, 32, 64, 128, 256)
    assert points_on("cuda:1") == (*points_on("cpu"), 512, 1024, 2048, 4096)
    assert planned_batches(("curve",), "throughput", "cpu") == [(batch, True) for batch in points_on("cpu")]


def test_what_is_asked_for_by_number_is_measured_whatever_the_curve_does() -> None:
    found = dict(planned_batches((24, "curve", 8), "throughput", "cpu"))
    assert list(found) == [1, 2, 4, 8, 16, 24, 32, 64, 128, 256]
    assert [batch for batch, on_curve in found.items() if not on_curve] == [8, 24]


def test_other_metrics_have_the_numbers_alone_in_their_order() -> None:
    assert planned_batches(("curve", 24, 8), "memory", "cpu") == [(24, False), (8, False)]
    assert planned_batches((24, 8), "throughput", "cpu") == [(24, False), (8, False)]
    assert planned_batches(("curve", 24), "latency", "cpu") == [(1, False)]


def test_what_has_a_curve_is_measured_at_batches_and_is_better_where_higher() -> None:
    curved = [metric for name in METRICS if (metric := METRICS.get(name)).curved]
    assert [metric.name for metric in curved] == ["throughput"]
    assert all(metric.at_batches and metric.quantity.better == "higher" for metric in curved)

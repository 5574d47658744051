"""What the numbers of a cost metric are of, where the metric is known."""

from __future__ import annotations

from zoo.cost.metrics import METRICS
from zoo.statistics.quantity import Quantity


def quantity_of(metric: str) -> Quantity:
    """What a metric states of a model.

    Its key is the name in a record's metrics. A record may be of a metric whose package is not installed: of that
    only the name is known, so the unit is empty, and no table prints the way to the better.
    """
    return METRICS.get(metric).quantity if metric in METRICS else Quantity(metric, metric, "", "lower")


def rounds_of(metric: str) -> Quantity:
    """What the rounds of a metric hold, a number each.

    Its key is the name in a record's samples. Of a rate, rounds hold times, which are better the other way.
    """
    stated = quantity_of(metric)
    if metric not in METRICS:
        return Quantity("", metric, "", "lower")
    found = METRICS.get(metric)
    label = "time" if found.timed else stated.label
    return Quantity(found.samples, label, found.unit, found.better, words=stated.words)

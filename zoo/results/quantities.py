"""What the numbers of each cost metric are of."""

from __future__ import annotations

from zoo.cost.metrics import METRICS
from zoo.statistics.quantity import Quantity


def is_known(metric: str) -> bool:
    """Whether there is a metric of that name here.

    A record may be of one whose package is not installed.
    """
    return metric in METRICS


def quantity_of(metric: str) -> Quantity:
    """What a metric states of a model.

    Its key is the name in a record's metrics. Of a metric that is not known only the name is: the unit is empty,
    and no table prints the way to the better.
    """
    return METRICS.get(metric).quantity if is_known(metric) else Quantity(metric, metric, "", "lower")


def rounds_of(metric: str) -> Quantity:
    """What the rounds of a metric hold, a number each.

    Its key is the name in a record's samples. Of a rate, rounds hold times, which are better the other way.
    """
    stated = quantity_of(metric)
    if not is_known(metric):
        return Quantity(f"rounds_{stated.unit}", stated.label, stated.unit, stated.better)
    found = METRICS.get(metric)
    label = "time" if found.timed else stated.label
    return Quantity(found.samples, label, found.unit, found.better, words=stated.words)

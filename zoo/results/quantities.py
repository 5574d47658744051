"""What the numbers of each cost metric are of."""

from __future__ import annotations

from zoo.statistics.quantity import Quantity

SPEED = ("FASTER", "SLOWER")
"""What a change of a time or of a rate is called, to the better and to the worse."""

QUANTITIES = {
    "latency": Quantity(
        "latency_ms", "latency", "ms", "lower", words=SPEED, hint="Milliseconds, batch 1.", example="20"
    ),
    "throughput": Quantity(
        "throughput", "throughput", "images/s", "higher", words=SPEED, brief=0, hint="Images a second.", example="100"
    ),
}
"""The headline number of each metric, by the metric's name."""

TIMED = ("latency", "throughput")
"""Metrics whose rounds are timed calls, of which a rate is taken too."""

TIME = Quantity("round_medians_ms", "time", "ms", "lower", words=SPEED)


def is_known(metric: str) -> bool:
    """Whether there is a metric of that name here.

    A record may be of one whose package is not installed.
    """
    return metric in QUANTITIES


def quantity_of(metric: str) -> Quantity:
    """What a metric states of a model.

    Its key is the name in a record's metrics. Of a metric that is not known only the name is: the unit is empty,
    and no table prints the way to the better.
    """
    return QUANTITIES.get(metric, Quantity(metric, metric, "", "lower"))


def rounds_of(metric: str) -> Quantity:
    """What the rounds of a metric hold, a number each.

    Its key is the name in a record's samples. Of a rate, rounds hold times, which are better the other way.
    """
    if metric in TIMED:
        return TIME
    stated = quantity_of(metric)
    return Quantity(f"rounds_{stated.unit}", stated.label, stated.unit, stated.better, words=stated.words)

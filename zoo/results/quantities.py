"""What the numbers of each cost metric are of."""

from __future__ import annotations

from zoo.statistics.quantity import Quantity

SPEED = ("FASTER", "SLOWER")
"""What a change of a time or of a rate is called, to the better and to the worse."""

TIME = Quantity("round_medians_ms", "time", "ms", "lower", words=SPEED)

QUANTITIES = {
    "latency": Quantity("latency_ms", "latency", "ms", "lower", words=SPEED),
    "throughput": Quantity("throughput", "throughput", "images/s", "higher", words=SPEED),
}

ROUNDS = {"latency": TIME, "throughput": TIME}


def quantity_of(metric: str) -> Quantity:
    """What a metric states of a model; the key is its name in a record's metrics.

    Of a metric that nobody here knows, as in records of a package that is not installed, only the name is known:
    the unit is empty, and the way to the better a guess that no table may print.
    """
    return QUANTITIES.get(metric, Quantity(metric, metric, "", "lower"))


def rounds_of(metric: str) -> Quantity:
    """What the rounds of a metric hold, a number each; the key is its name in a record's samples.

    A rate is taken from times, so what rounds hold may have another unit and another way to the better.
    """
    return ROUNDS.get(metric, Quantity("rounds", metric, "", "lower"))

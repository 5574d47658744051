"""What a backbone can be chosen by and limited in: accuracy, every metric of a cost, and static facts."""

from __future__ import annotations

from zoo.statistics.quantity import ACCURACY, MACS, PARAMS, Quantity

LATENCY = Quantity("latency_ms", "latency", "ms", "lower", hint="Milliseconds, batch 1.", example="20")
THROUGHPUT = Quantity(
    "throughput", "throughput", "images/s", "higher", brief=0, hint="Images a second.", example="100"
)


def metric_quantities() -> dict[str, Quantity]:
    """The headline number of each metric, by the metric's name."""
    return {"latency": LATENCY, "throughput": THROUGHPUT}


def quantities() -> dict[str, Quantity]:
    """Every objective by its name."""
    return {"accuracy": ACCURACY, **metric_quantities(), "params": PARAMS, "macs": MACS}

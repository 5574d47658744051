"""What a backbone can be chosen by and limited in: accuracy, every metric of a cost, and static facts."""

from __future__ import annotations

from zoo.results.quantities import QUANTITIES
from zoo.statistics.quantity import ACCURACY, MACS, PARAMS, Quantity


def metric_quantities() -> dict[str, Quantity]:
    """The headline number of each metric, by the metric's name."""
    return dict(QUANTITIES)


def quantities() -> dict[str, Quantity]:
    """Every objective by its name."""
    return {"accuracy": ACCURACY, **metric_quantities(), "params": PARAMS, "macs": MACS}

"""What a backbone can be chosen by and limited in.

Accuracy, every metric of a cost, and static facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.cost.metrics import METRICS
from zoo.statistics.quantity import ACCURACY, MACS, PARAMS

if TYPE_CHECKING:
    from zoo.statistics.quantity import Quantity


def metric_quantities() -> dict[str, Quantity]:
    """The headline number of each metric, by the metric's name."""
    return {name: METRICS.get(name).quantity for name in METRICS}


def quantities() -> dict[str, Quantity]:
    """Every objective by its name."""
    return {"accuracy": ACCURACY, **metric_quantities(), "params": PARAMS, "macs": MACS}

"""What a backbone can be chosen by and limited in.

Accuracy, every metric of a cost, and static facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.cost.metrics import METRICS
from zoo.statistics.quantity import ACCURACY, BALANCED, MACS, PARAMS, ROBUSTNESS

if TYPE_CHECKING:
    from zoo.statistics.quantity import Quantity


def metric_quantities() -> dict[str, Quantity]:
    """The headline number of each metric, by the metric's name."""
    return {name: METRICS.get(name).quantity for name in METRICS}


def quantities() -> dict[str, Quantity]:
    """Every objective by its name."""
    return {"accuracy": ACCURACY, **metric_quantities(), "params": PARAMS, "macs": MACS}


def further_quantities() -> dict[str, tuple[str, Quantity]]:
    """What metrics tell beside their headline numbers and may be limited in.

    By name, with the metric that tells it.
    """
    return {found.label: (name, found) for name in METRICS for found in METRICS.get(name).limited}


def limited_quantities() -> dict[str, Quantity]:
    """Everything that a limit can be set on, by its name.

    Beside objectives it is what metrics tell beside their headline numbers, the mean recall over classes, and what is
    published of other images.
    """
    found = {"accuracy": ACCURACY, BALANCED.key: BALANCED, ROBUSTNESS.key: ROBUSTNESS}
    further = further_quantities()
    for name, quantity in metric_quantities().items():
        found |= {name: quantity} | {other: told for other, (metric, told) in further.items() if metric == name}
    return found | quantities()

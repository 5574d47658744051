"""A metric: how many kilobytes the parameters take."""

from __future__ import annotations

from typing import Any

from zoo.cost.metrics.base import Metric
from zoo.statistics.quantity import Quantity


def kilobytes(model: Any, images: Any, settings: Any) -> float:
    """Bytes of all parameters, in thousands."""
    del images, settings
    return sum(parameter.nelement() * parameter.element_size() for parameter in model.parameters()) / 1000


DISK = Metric("disk", Quantity("disk_kb", "disk", "kB", "lower", words=("SMALLER", "LARGER")), take=kilobytes)

"""What of a model is measured, one module a kind of metric."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.plugins import Table

if TYPE_CHECKING:
    from zoo.cost.metrics.base import Metric


METRICS: Table[Metric] = Table(
    "metric",
    {
        "latency": "zoo.cost.metrics.timed:LATENCY",
        "throughput": "zoo.cost.metrics.timed:THROUGHPUT",
    },
    "zoo.metrics",
)
"""Every metric by the name that suites and records give it."""

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
        "training": "zoo.cost.metrics.training:TRAINING",
        "memory": "zoo.cost.metrics.memory:MEMORY",
        "training_memory": "zoo.cost.metrics.memory:TRAINING_MEMORY",
        "load": "zoo.cost.metrics.loading:LOADING",
        "first_call": "zoo.cost.metrics.loading:FIRST",
        "compile": "zoo.cost.metrics.compiling:COMPILING",
        "disk_size": "zoo.cost.metrics.disk_size:DISK_SIZE",
        "energy": "zoo.cost.metrics.energy:ENERGY",
    },
    "zoo.metrics",
)
"""Every metric by the name that suites and records give it."""

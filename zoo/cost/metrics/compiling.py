"""Time to compile: what an engine takes to make of a module what it runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zoo.cost.engines.module import module_in_form
from zoo.cost.metrics.base import Metric
from zoo.cost.metrics.timed import WORDS
from zoo.exporting.quiet import quietly
from zoo.outcome import ReasonError
from zoo.statistics.quantity import Quantity

if TYPE_CHECKING:
    from zoo.cost.engines.builder import Builder
    from zoo.cost.settings import CostSettings


def compiling(builder: Builder, settings: CostSettings) -> float:
    """Milliseconds to build it for the engine, less those of the module.

    Nothing is taken from a cache.
    """
    if not builder.engine.compiles:
        raise ReasonError(f"engine {builder.engine.name!r} compiles nothing")
    import torch
    import torch._inductor.config as inductor

    torch.compiler.reset()  # of what this process compiled before
    start = time.perf_counter()
    module_in_form(builder.model, builder.weights, settings)
    built = time.perf_counter()
    with quietly(), inductor.patch(force_disable_caches=True):
        builder()
    return 1000 * ((time.perf_counter() - built) - (built - start))


COMPILING = Metric(
    "compile",
    Quantity("compile_ms", "time to compile", "ms", "lower", words=WORDS, hint="Milliseconds.", example="20000"),
    at_batches=True,
    threads="throughput_threads",
    take_afresh=compiling,
    anchored=False,
    rounds=3,
)

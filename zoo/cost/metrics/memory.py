"""Peak memory of inference and training, beyond that of the libraries."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from zoo.cost.inputs import make_input
from zoo.cost.metrics.base import Metric
from zoo.cost.metrics.training import Step
from zoo.machine.allocator import give_back_freed_memory
from zoo.machine.process_memory import peak_bytes, reset_peak, resident_bytes
from zoo.outcome import ReasonError
from zoo.statistics.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.cost.engines.builder import Builder
    from zoo.cost.settings import CostSettings


WORDS = ("SMALLER", "LARGER")

HELD = Quantity("memory_held_bytes", "memory held by the model", "bytes", "lower", words=WORDS)
LOADING = Quantity("memory_loading_bytes", "peak memory while it is built", "bytes", "lower", words=WORDS)
RESERVED = Quantity("memory_reserved_bytes", "memory reserved by PyTorch", "bytes", "lower", words=WORDS)

CALLS = 2
"""The first call alone plans what later ones use."""

ROUNDS = 3
"""Peaks are alike to a few parts in a thousand."""


def inference(builder: Builder, settings: CostSettings) -> dict[str, float]:
    """Bytes at the peak of a few calls, the model among them."""

    def calls(model: Any, images: Any) -> Callable[[], Any]:
        return lambda: model(images)

    return _peak(builder, settings, calls, "memory_bytes")


def training(builder: Builder, settings: CostSettings) -> dict[str, float]:
    """Bytes at the peak of a few steps, gradients and optimiser among them."""
    return _peak(builder, settings, Step, "training_memory_bytes")


def _peak(
    builder: Builder, settings: CostSettings, call_of: Callable[[Any, Any], Callable[[], Any]], key: str
) -> dict[str, float]:
    import torch

    torch.set_num_threads(settings.threads)
    _wake(settings.device)
    measured = _on_cpu if settings.device == "cpu" else _on_gpu
    return measured(builder, settings, call_of, key)


def _on_cpu(
    builder: Builder, settings: CostSettings, call_of: Callable[[Any, Any], Callable[[], Any]], key: str
) -> dict[str, float]:
    # Built once before, so that what the library imports on the way is none of the model's.
    builder()
    gc.collect()
    give_back_freed_memory()
    before = resident_bytes()
    if before is None:
        raise ReasonError("the memory of a process can be read on Linux alone")
    parted = reset_peak()
    model = builder()
    held, loading = resident_bytes() or 0, peak_bytes() or 0
    reset_peak()
    call = call_of(model, make_input(settings))
    for _ in range(CALLS):
        call()
    found = {key: float((peak_bytes() or 0) - before), HELD.key: float(held - before)}
    return found | ({LOADING.key: float(loading - before)} if parted else {})


def _on_gpu(
    builder: Builder, settings: CostSettings, call_of: Callable[[Any, Any], Callable[[], Any]], key: str
) -> dict[str, float]:
    import torch

    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(settings.device)
    before = torch.cuda.memory_allocated(settings.device)
    model = builder()
    held = torch.cuda.memory_allocated(settings.device)
    call = call_of(model, make_input(settings))
    for _ in range(CALLS):
        call()
    torch.cuda.synchronize(settings.device)
    return {
        key: float(torch.cuda.max_memory_allocated(settings.device) - before),
        HELD.key: float(held - before),
        RESERVED.key: float(torch.cuda.max_memory_reserved(settings.device)),
    }


def _wake(device: str) -> None:
    """Bring in what any model brings in: threads, and the libraries of convolutions and matrix products."""
    import torch
    from torch.nn import functional

    images, kernels = torch.ones(1, 8, 32, 32, device=device), torch.ones(8, 8, 3, 3, device=device)
    convolved = functional.conv2d(images, kernels, padding=1)
    torch.mm(convolved.flatten(1), convolved.flatten(1).T)


def _quantity(key: str, label: str) -> Quantity:
    return Quantity(
        key, label, "bytes", "lower", "MB", 1e-6, words=WORDS, hint="Bytes, such as 200e6 or 200M.", example="200M"
    )


MEMORY = Metric(
    "memory",
    _quantity("memory_bytes", "peak memory"),
    (HELD, LOADING, RESERVED),
    at_batches=True,
    threads="throughput_threads",
    take_afresh=inference,
    anchored=False,
    rounds=ROUNDS,
)
TRAINING_MEMORY = Metric(
    "training_memory",
    _quantity("training_memory_bytes", "peak memory of training"),
    (HELD, LOADING, RESERVED),
    at_batches=True,
    threads="throughput_threads",
    take_afresh=training,
    anchored=False,
    trains=True,
    rounds=ROUNDS,
)

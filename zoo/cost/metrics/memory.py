"""Peak memory of inference and training, beyond that of the libraries."""

from __future__ import annotations

import gc
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from zoo.cost.engines import ENGINES
from zoo.cost.engines.builder import Builder
from zoo.cost.engines.module import module_in_form
from zoo.cost.inputs import make_input
from zoo.cost.metrics.base import Metric
from zoo.cost.metrics.training import Step
from zoo.machine.process_memory import peak_bytes, reset_peak, resident_bytes
from zoo.outcome import ReasonError, Status
from zoo.plugins import registered_here as parts_registered_here
from zoo.processes.answer import answer_requests
from zoo.processes.child import Child
from zoo.processes.guard import Failure, guarded
from zoo.registry.catalogue import get
from zoo.sources.lookup import source_of
from zoo.sources.naming import parse_name
from zoo.sources.user import load_in_worker, registered_here
from zoo.statistics.quantity import Quantity

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from zoo.cost.metrics.base import TakeAfresh
    from zoo.cost.settings import CostSettings


WORDS = ("SMALLER", "LARGER")

HELD = Quantity("memory_held_bytes", "memory held by the model", "bytes", "lower", words=WORDS)
RESERVED = Quantity("memory_reserved_bytes", "memory reserved by PyTorch", "bytes", "lower", words=WORDS)

INFERENCE, STEPS = "memory_bytes", "training_memory_bytes"
"""Keys of the two peaks."""

CALLS = 2
"""The first call alone plans what later ones use."""

ROUNDS = 3
"""Each is a process of its own, which takes seconds to begin; peaks differ little."""

PATIENCE_S = 120.0


def inference(builder: Builder, settings: CostSettings) -> dict[str, float]:
    """Bytes at the peak of a few calls, the model among them."""
    return _measured(builder, settings, INFERENCE)


def training(builder: Builder, settings: CostSettings) -> dict[str, float]:
    """Bytes at the peak of a few steps, gradients and optimiser among them."""
    return _measured(builder, settings, STEPS)


def _measured(builder: Builder, settings: CostSettings, key: str) -> dict[str, float]:
    if settings.device != "cpu":
        return _on_gpu(builder, settings, key)
    # A new Python: one in which something was built before, or told to keep what it frees, takes other memory.
    needed = bool(registered_here() or parts_registered_here())
    with closing(Child(_serve, name="zoo-memory", script_needed=needed, keeps_memory=False)) as child:
        asked = builder.model, builder.weights, settings, key
        found = child.ask(asked, PATIENCE_S, "while its memory was measured")
    if isinstance(found, Failure):
        raise MemoryError(found.reason) if found.status == Status.OOM else ReasonError(found.reason)
    return found  # type: ignore[no-any-return]


def _serve(pipe: Connection) -> None:
    def answered(request: Any, _step: Any) -> Any:
        model, weights, settings, key = request
        load_in_worker(model)
        builder = Builder(model, weights, settings, ENGINES.get(settings.engine))
        return guarded(lambda: _on_cpu(builder, settings, key))

    answer_requests(pipe, answered)


def _on_cpu(builder: Builder, settings: CostSettings, key: str) -> dict[str, float]:
    import torch

    torch.set_num_threads(settings.threads)
    _wake(builder)
    before = resident_bytes()
    if before is None:
        raise ReasonError("the memory of a process can be read on Linux alone")
    model = builder()
    held = resident_bytes() or 0
    reset_peak()
    _call(key, model, settings)
    return {key: float((peak_bytes() or 0) - before), HELD.key: float(held - before)}


def _on_gpu(builder: Builder, settings: CostSettings, key: str) -> dict[str, float]:
    import torch

    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(settings.device)
    before = torch.cuda.memory_allocated(settings.device)
    model = builder()
    held = torch.cuda.memory_allocated(settings.device)
    _call(key, model, settings)
    torch.cuda.synchronize(settings.device)
    return {
        key: float(torch.cuda.max_memory_allocated(settings.device) - before),
        HELD.key: float(held - before),
        RESERVED.key: float(torch.cuda.max_memory_reserved(settings.device)),
    }


def _call(key: str, model: Any, settings: CostSettings) -> None:
    """A few calls, or steps of training."""
    images = make_input(settings)
    step = Step(model, images) if key == STEPS else None
    for _ in range(CALLS):
        if step is None:
            model(images)
        else:
            step()


def _wake(builder: Builder) -> None:
    """Import what building imports, and bring in the library of convolutions, which are no model's own."""
    import torch
    from torch.nn import functional

    functional.conv2d(torch.ones(1, 8, 32, 32), torch.ones(8, 8, 3, 3))
    get(builder.model)
    if source_of(parse_name(builder.model).source or "").builds_on_meta:
        with suppress(Exception), torch.device("meta"):  # where it cannot be, building it for real says why
            module_in_form(builder.model, None, builder.settings)
    gc.collect()


def _metric(name: str, key: str, label: str, take: TakeAfresh, *, trains: bool = False) -> Metric:
    quantity = Quantity(
        key, label, "bytes", "lower", "MB", 1e-6, words=WORDS, hint="Bytes, such as 200e6 or 200M.", example="200M"
    )
    return Metric(
        name,
        quantity,
        (HELD, RESERVED),
        at_batches=True,
        threads="throughput_threads",
        take_afresh=take,
        anchored=False,
        trains=trains,
        rounds=ROUNDS,
    )


MEMORY = _metric("memory", INFERENCE, "peak memory", inference)
TRAINING_MEMORY = _metric("training_memory", STEPS, "peak memory of training", training, trains=True)

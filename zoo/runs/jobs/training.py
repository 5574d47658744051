"""A training or a pretraining, as a process is asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.regimes.strategies import STRATEGIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.outcome import Outcome
    from zoo.regimes.strategies.base import TransferJob
    from zoo.runs.plan.pretrain import PlannedPretraining


@dataclass(frozen=True)
class TransferRequest:
    """Run one transfer job on a device with so many CPU threads."""

    job: TransferJob
    device: str
    threads: int


@dataclass(frozen=True)
class PretrainRequest:
    """Train one backbone on an embedded task and register the weights."""

    planned: PlannedPretraining
    threads: int


def _model(request: TransferRequest | PretrainRequest) -> str | None:
    """What a request needs built; nothing for the control without a model."""
    if isinstance(request, PretrainRequest):
        return request.planned.model
    return None if STRATEGIES.get(request.job.strategy).placeholder else request.job.model


def answer(request: TransferRequest | PretrainRequest, step: Callable[[int, int], None]) -> Outcome:
    """What came of a request; ``step`` is told (step, steps) meanwhile."""
    import torch

    from zoo.registry.sources.user import load_in_worker

    load_in_worker(_model(request))
    torch.set_num_threads(request.threads)
    if isinstance(request, PretrainRequest):
        from zoo.regimes.pretrain import pretrain

        planned = request.planned
        return pretrain(planned.model, task=planned.task, input_size=planned.input_size, on_progress=step)[1]
    from zoo.regimes.cell import run_job

    return run_job(request.job, device=request.device, threads=request.threads, on_progress=step)

"""One pretraining: weights that the zoo makes, for which other jobs wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from zoo.machine.devices import all_cores
from zoo.regimes.pretrain import pretrain
from zoo.registry.sources.user import load_in_worker
from zoo.runs.jobs.base import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.outcome import Outcome
    from zoo.runs.plan.pretrain import PlannedPretraining


@dataclass(frozen=True, kw_only=True)
class PretrainingJob(Job):
    """Train one backbone on an embedded task and register the weights."""

    RUNNER: ClassVar[str] = "zoo.runs.jobs.pretraining:run"

    model: str
    task: str
    input_size: int


def pretraining_job(planned: PlannedPretraining, timeout_s: float) -> PretrainingJob:
    """Plan the job that makes weights.

    It runs in the process in which those that wait for them run then.
    """
    label = f"training {planned.model} on {planned.task}"
    return PretrainingJob(
        trials=(planned.trial,),
        label=label,
        device="cpu",
        timeout_s=timeout_s,
        process=planned.model,
        message=f"no published weights of {planned.model} at hand: {label}",
        model=planned.model,
        task=planned.task,
        input_size=planned.input_size,
    )


def run(job: PretrainingJob, step: Callable[[int, int], None]) -> Outcome:
    """Train and register, in the process of the job.

    ``step`` is told (step, steps).
    """
    import torch

    load_in_worker(job.model)
    torch.set_num_threads(all_cores())
    return pretrain(job.model, task=job.task, input_size=job.input_size, on_progress=step)[1]

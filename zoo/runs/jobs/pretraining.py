"""One pretraining: weights that the zoo makes, for which other jobs wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from zoo.executors.job import Job
from zoo.machine.devices import all_cores
from zoo.regimes.pretrain import pretrain
from zoo.sources.user import load_in_worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.outcome import Outcome
    from zoo.plans.pretrain import PlannedPretraining


@dataclass(frozen=True, kw_only=True)
class PretrainingJob(Job):
    """Train one backbone on an embedded task and register the weights."""

    RUNNER: ClassVar[str] = "zoo.runs.jobs.pretraining:run"

    task: str


def pretraining_job(planned: PlannedPretraining, timeout_s: float) -> PretrainingJob:
    """Plan the job that makes weights."""
    trial = planned.trial
    label = f"training {trial.model} on {trial.pretrain.task}"
    return PretrainingJob(
        trials=(trial,),
        task=planned.task,
        label=label,
        device="cpu",
        timeout_s=timeout_s,
        process=trial.model,
        message=f"no published weights of {trial.model} at hand: {label}",
    )


def run(job: PretrainingJob, step: Callable[[int, int], None]) -> Outcome:
    """Train and register, in the process of the job."""
    import torch

    trial = job.trials[0]
    load_in_worker(trial.model)
    torch.set_num_threads(all_cores())
    return pretrain(trial.model, task=job.task, input_size=trial.pretrain.side, on_progress=step)[1]

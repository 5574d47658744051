"""One training: a model under a strategy on a data cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from zoo.errors import WeightsError
from zoo.executors.job import Job
from zoo.machine.devices import all_cores
from zoo.models.macs import counted_macs
from zoo.outcome import Status
from zoo.processes.guard import guarded
from zoo.regimes.cell import run_job
from zoo.sources.user import load_in_worker
from zoo.weights.digests import digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.outcome import Outcome
    from zoo.plans.transfer import PlannedTransfer
    from zoo.regimes.strategies.base import TransferJob


@dataclass(frozen=True, kw_only=True)
class TrainingJob(Job):
    """Train and test one model, or the control that has none."""

    RUNNER: ClassVar[str] = "zoo.runs.jobs.training:run"

    work: TransferJob


def training_job(item: PlannedTransfer, timeout_s: float) -> TrainingJob:
    """The job of a transfer trial."""
    work = item.job
    return TrainingJob(
        trials=(item.trial,),
        label=f"{item.trial.display_name} {item.trial.transfer.describe()}",
        device=item.trial.transfer.device,
        timeout_s=timeout_s,
        # A model's process goes with it: its memory and its threads do not outlive its rows. A control without a
        # model has nothing to start afresh for.
        process="" if item.is_without_model else work.model,
        work=work,
    )


def begin(job: Job, weights: str | Path | None) -> None:
    """Import a user's model, and hold its checkpoint against the plan.

    Raises
    ------
    WeightsError
        Where the file has changed.
    """
    load_in_worker(job.process or None)
    if isinstance(weights, Path) and digest(weights) != job.trials[0].weights_digest:
        raise WeightsError(f"{weights}: has changed since this run began; run it again with the file as it is now")


def run(job: TrainingJob, step: Callable[[int, int], None]) -> Outcome:
    """Train and test, in the process of the job."""
    begin(job, job.work.weights)
    outcome = run_job(job.work, device=job.device, threads=all_cores(), on_progress=step)
    size = job.trials[0].transfer.input_size
    if size is None or outcome.status != Status.OK:
        return outcome
    # After the training: what counts them may draw from its random numbers.
    macs = guarded(lambda: counted_macs(job.work.model, size))
    return replace(outcome, notes=dict(outcome.notes) | {"macs": macs if isinstance(macs, float) else None})

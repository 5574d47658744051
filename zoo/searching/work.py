"""What a process computes for a search: scores of features, and arms."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, ClassVar

from zoo.errors import ZooError
from zoo.executors.job import Job
from zoo.machine.cuda import on_device
from zoo.machine.devices import all_cores
from zoo.outcome import Outcome, ReasonError, Status, outcome_of
from zoo.paths import written_whole
from zoo.regimes.probes import PROBES
from zoo.regimes.probes.ridge import fit_ridge_loo
from zoo.regimes.strategies import STRATEGIES
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.regimes.strategies.knn import votes_left_out
from zoo.regimes.strategies.probing import frozen_features
from zoo.runs.jobs.training import begin
from zoo.searching.checkpoints import kept_within
from zoo.statistics.intervals import wilson_interval
from zoo.statistics.measurement import Measurement
from zoo.statistics.transferability import logme
from zoo.tasks.catalogue import get_task
from zoo.training.trainer import Trainer
from zoo.training.tuning import settled
from zoo.training.validation import held_out, score_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from torch import Tensor

    from zoo.canonical import JsonObject
    from zoo.regimes.strategies.base import TransferJob
    from zoo.tasks.task import Task
    from zoo.training.validation import Score

    Step = Callable[[int, int], None]


FEW = 30
"""Images that are held out of a small training set at least, as far as half of it has so many."""

MOST_HELD = 0.5


@dataclass(frozen=True, kw_only=True)
class SearchJob(Job):
    """Scores of one model, or one arm up to a part of its steps.

    Attributes
    ----------
    work : TransferJob
    part : float or None
        Share of the steps after which the arm is judged; None of scores.
    checkpoint : Path or None
        Where an arm's training is kept to go on from.
    fold : int
        Which images are held out.
    """

    RUNNER: ClassVar[str] = "zoo.searching.work:run"

    work: TransferJob
    part: float | None = None
    checkpoint: Path | None = None
    fold: int = 0

    def forget(self) -> None:
        """Delete the training that was kept, which nothing goes on from."""
        if self.checkpoint is not None:
            self.checkpoint.unlink(missing_ok=True)


def run(job: SearchJob, step: Step) -> Outcome:
    """Score or train, in the process of the job."""
    import torch

    begin(job, job.work.weights)
    torch.set_num_threads(all_cores())
    started, clock = time.time(), time.perf_counter()
    try:
        task = get_task(job.work.task, job.work.corrupt)
        with on_device(job.device):
            metrics, correct, notes = scores(job, task, step) if job.part is None else arm(job, task, step)
    except ZooError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the model is anybody's code; its error is its row
        return outcome_of(error, started, time.perf_counter() - clock)
    return Outcome(
        Status.OK,
        metrics=metrics,
        samples={"correct": list(map(float, correct))},
        started=started,
        duration_s=time.perf_counter() - clock,
        notes=notes,
    )


Found = tuple[dict[str, Measurement], list[int], "JsonObject"]
"""Metrics, right or wrong for each image, and notes."""


def scores(job: SearchJob, task: Task, step: Step) -> Found:
    """Cheap scores of frozen features, each image left out in its turn."""
    found = frozen_features(job.work, task, job.device, on_progress=step, tested=False)
    classes = len(task.classes)
    fitted = fit_ridge_loo(found.train, found.labels, classes)
    if fitted.left_out is None:
        raise ReasonError("a class has one training image: none can be left out")
    near = votes_left_out(found.train, found.labels, classes).argmax(dim=1)
    notes = {
        "knn": float((near == found.labels).double().mean()),
        "logme": logme(found.train.double().numpy(), found.labels.numpy(), classes),
        "width": int(found.train.shape[1]),
    }
    correct = (fitted.left_out == found.labels).int().tolist()
    return {"validation": _share(correct)}, correct, notes


def arm(job: SearchJob, task: Task, step: Step) -> Found:
    """Train up to a part of the steps, or fit, and judge on held-out images."""
    strategy = STRATEGIES.get(job.work.strategy).run
    if isinstance(strategy, FineTuning):
        found, labels, notes = _trained(strategy, job, task, step)
    else:
        found, labels, notes = _fitted(job, task, step)
    score: Score = score_of(found, labels, job.work.recipe.measure)
    correct = (found.argmax(dim=1) == labels).int().tolist()
    metrics = {
        "validation": _share(correct),
        "log_loss": Measurement(max(0.0, score.log_loss), "nats", n=len(labels)),
    }
    return metrics, correct, notes | {"score": score.value}


def _trained(strategy: FineTuning, job: SearchJob, task: Task, step: Step) -> tuple[Tensor, Tensor, JsonObject]:
    assert job.part is not None
    assert job.work.rate is not None
    start, cell, _ = strategy.begin(job.work, task, job.device, again=False, tested=False)
    recipe = settled(job.work.recipe, cell)
    kept, held = split(cell.labels, recipe.validation, job.work.seed, job.fold)
    trainer = Trainer(
        start(kept),
        cell.train[kept],
        cell.labels[kept],
        transform=cell.transform,
        recipe=recipe,
        steps=recipe.steps_for(len(kept), from_random=False),
        rate=job.work.rate,
        seed=cell.seed,
        precision=cell.precision,
    )
    before = _restored(trainer, job.checkpoint, job.device)
    end = max(1, round(trainer.steps * job.part))
    trainer.go(end, lambda: step(len(trainer.losses), end))
    found = cell.probabilities(trainer, cell.train[held])
    if job.checkpoint is not None and job.part < 1:
        _keep(trainer, job.checkpoint)
    done = trainer.done
    notes = {"steps": done.steps, "went_on_from": before, "last_loss": done.last_loss, "batch_norm": done.batch_norm}
    return found, cell.labels[held], notes


def _fitted(job: SearchJob, task: Task, step: Step) -> tuple[Tensor, Tensor, JsonObject]:
    """A probe on frozen features, on the images that arms are trained on."""
    found = frozen_features(job.work, task, job.device, on_progress=step, tested=False)
    kept, held = split(found.labels, job.work.recipe.validation, job.work.seed, job.fold)
    probed = PROBES.get(job.work.probe)(found.train[kept], found.labels[kept], found.train[held], len(task.classes))
    assert probed.probabilities is not None
    return probed.probabilities, found.labels[held], probed.notes


def split(labels: Tensor, fraction: float, seed: int, fold: int = 0) -> tuple[Any, Any]:
    """Rows to train on, and rows held out, the same for every arm.

    No two folds hold out the same.
    """
    import numpy as np

    known = labels.numpy()
    part = held_part(len(known), fraction)
    left = np.arange(len(known))
    held = left[held_out(known, part, seed)]
    for _ in range(fold):
        left = np.setdiff1d(left, held)
        of_left = min(1.0, part * len(known) / len(left) + 1e-9)  # as many again, whatever the rounding
        held = left[held_out(known[left], of_left, seed)]
    return np.setdiff1d(np.arange(len(known)), held), held


def held_part(images: int, fraction: float) -> float:
    """The share of so many images that is held out.

    Of few images more, since ten are no measure.
    """
    return max(fraction, min(MOST_HELD, FEW / images))


def _share(correct: Sequence[int]) -> Measurement:
    hits, images = sum(correct), len(correct)
    return Measurement(hits / images, "fraction", *wilson_interval(hits, images), images)


def _restored(trainer: Trainer, checkpoint: Path | None, device: str) -> int:
    """The step that a training goes on from; 0 where nothing whole was kept."""
    import torch

    if checkpoint is None or not checkpoint.is_file():
        return 0
    try:
        state = torch.load(checkpoint, map_location=device, weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, UnpicklingError):  # cut or damaged: trained anew
        checkpoint.unlink(missing_ok=True)
        return 0
    for name in ("generator", "random"):  # states of random numbers are of the CPU
        state[name] = [one.cpu() for one in state[name]] if name == "random" else state[name].cpu()
    trainer.restore(state)
    return len(trainer.losses)


def _keep(trainer: Trainer, checkpoint: Path) -> None:
    """Keep a training, where the folder has the room; one that is not kept is trained anew."""
    import torch

    state = trainer.state()
    tensors = [*state["model"].values(), *(v for one in state["optimiser"]["state"].values() for v in one.values())]
    size = sum(value.nbytes for value in tensors)
    if not kept_within(checkpoint, size):
        checkpoint.unlink(missing_ok=True)
        return
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(checkpoint) as file:
        torch.save(state, file)

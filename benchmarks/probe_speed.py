"""The classifier regime against its plain alternative: epochs of a linear head through the frozen backbone.

``python benchmarks/probe_speed.py`` prints both times and both accuracies as JSON. Both sides load the same weights,
see the same few-shot training sets and are tested on the same test images, cell by cell, in one run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from zoo.regimes.strategies.base import TransferJob
    from zoo.tasks.task import Task

ROOT = Path(__file__).resolve().parent.parent
MODEL = "torchvision/resnet18"
SOURCE = "letters-am"
RATES = (1e-3, 3e-3, 1e-2)
"""The alternative is trained at each of these and judged by its best on the test images, which favours it; the time
is that of one."""


def cells(task: str, shots: tuple[int | str, ...], seeds: int, weights: str) -> list[TransferJob]:
    """The classifier regime's jobs: every shot count and seed."""
    from zoo.models.input_size import default_input_size
    from zoo.regimes.strategies.base import TransferJob

    size = default_input_size(MODEL)
    return [TransferJob(MODEL, weights, "classifier", task, s, seed, size) for s in shots for seed in range(seeds)]


def by_regime(jobs: list[TransferJob]) -> tuple[float, list[float], int]:
    """Seconds of all jobs from an empty feature cache, their accuracies, and the passes of the backbone."""
    from zoo.regimes import features
    from zoo.regimes.cell import run_job

    passes: list[int] = []

    def counted(backbone: Any, images: Any, *rest: Any) -> Any:
        passes.append(len(images))
        return compute(backbone, images, *rest)

    compute = features.compute
    with mock.patch.object(features, "compute", counted):
        start = time.perf_counter()
        outcomes = [run_job(job) for job in jobs]
        seconds = time.perf_counter() - start
    return seconds, [outcome.metrics["accuracy"].value for outcome in outcomes], len(passes)


def by_epochs(jobs: list[TransferJob], task: Task, epochs: int, rate: float) -> tuple[float, list[float]]:
    """Seconds and accuracies of a linear head trained by Adam through the frozen backbone, cell by cell."""
    start = time.perf_counter()
    accuracies = [_one_head(job, task, epochs, rate) for job in jobs]
    return time.perf_counter() - start, accuracies


def _one_head(job: TransferJob, task: Task, epochs: int, rate: float) -> float:
    import torch
    from torch.nn import functional

    from zoo.loading.create import create_to_train
    from zoo.models.heads import classifier_parameters
    from zoo.regimes.strategies.inputs import transform_for
    from zoo.tasks.splits import few_shot
    from zoo.training.trainer import probabilities, seeded

    transform = transform_for(job, task)
    chosen = few_shot(task.train_labels, job.shots, job.seed)
    images = transform.resize(task.train_images[chosen])
    labels = torch.from_numpy(task.train_labels[chosen])
    with seeded(job.seed):
        model = create_to_train(job.model, job.weights, len(task.classes))
        model = model.to(memory_format=torch.channels_last).requires_grad_(False)
        head = [parameter.requires_grad_() for _, parameter in classifier_parameters(model)]
        optimiser = torch.optim.Adam(head, lr=rate)
        for _ in range(epochs):
            for batch in torch.randperm(len(images)).split(32):
                loss = functional.cross_entropy(model(transform.normalise(images[batch])), labels[batch])
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                optimiser.step()
    predicted = probabilities(model, transform.prepare(task.test_images), transform).argmax(dim=1)
    return float((predicted.numpy() == task.test_labels).mean())


def compare(epochs: int = 50, shots: tuple[int | str, ...] = (10, 50), seeds: int = 3) -> dict[str, Any]:
    """Make weights, then run both sides on the same cells; the backbone's pretraining is timed on neither."""
    from zoo.regimes.pretrain import pretrain
    from zoo.tasks.catalogue import get_task

    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"ZOO_CACHE": folder}):
        pretrain(MODEL, SOURCE)
        task = get_task("digits")
        jobs = cells("digits", shots, seeds, SOURCE)
        ours_s, ours, passes = by_regime(jobs)
        runs = [by_epochs(jobs, task, epochs, rate) for rate in RATES]
    best = max((accuracies for _, accuracies in runs), key=sum)
    theirs_s = sorted(seconds for seconds, _ in runs)[len(runs) // 2]
    return {
        "cells": [f"{job.shots} shots, seed {job.seed}" for job in jobs],
        "classifier_s": ours_s,
        "epochs_s": theirs_s,
        "times_faster": theirs_s / ours_s,
        "classifier_accuracy": sum(ours) / len(ours),
        "epochs_accuracy": sum(best) / len(best),
        "classifier_accuracies": ours,
        "epochs_accuracies": best,
        "feature_passes": passes,
    }


def main() -> None:
    """Read the command line, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=50)
    arguments = parser.parse_args()
    print(json.dumps(compare(arguments.epochs), indent=2))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()

"""Linear classifiers on frozen features, as several strategies fit."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.loading.create import create
from zoo.regimes.features import HEAD_INPUT, FeatureKey, features
from zoo.regimes.probes import PROBES
from zoo.regimes.strategies.base import Tested
from zoo.regimes.strategies.inputs import chosen_images, random_network, transform_for
from zoo.sources.lookup import code_digest, source_of
from zoo.sources.naming import DEFAULT
from zoo.statistics.transferability import h_score, logme
from zoo.training.validation import mean_recall
from zoo.weights.digests import digest
from zoo.weights.obtain import obtain

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

    from zoo.canonical import JsonObject
    from zoo.regimes.strategies.base import OnProgress, TransferJob
    from zoo.tasks.task import Task

    Layer = Callable[[nn.Module], tuple[str, nn.Module]]


MOST_SCORED = 10_000
"""Training images of more than these have no scores: their decomposition takes the cube of the smaller side."""


@dataclass(frozen=True)
class Features:
    """Frozen features of a cell.

    Attributes
    ----------
    train, test : Tensor
        (N, D) and (M, D).
    labels : Tensor
        Of the training images, (N,).
    notes : dict
    """

    train: Tensor
    labels: Tensor
    test: Tensor
    notes: JsonObject
    flags: tuple[str, ...] = ()


def probe_features(job: TransferJob, task: Task, device: str, on_progress: OnProgress | None) -> Tested:
    """A linear classifier on what the head would read.

    With the scores of such features beside it.
    """
    found, classes = frozen_features(job, task, device, on_progress=on_progress), len(task.classes)
    tested = fitted(job, found, classes)
    if len(found.train) > MOST_SCORED:
        return tested
    features, labels = found.train.double().numpy(), found.labels.numpy()
    scores = {"logme": logme(features, labels, classes), "h_score": h_score(features, labels)}
    return replace(tested, notes=tested.notes | scores)


def fitted(job: TransferJob, found: Features, classes: int) -> Tested:
    """The job's probe, fitted and tested."""
    probed = PROBES.get(job.probe)(found.train, found.labels, found.test, classes)
    return Tested(
        predictions=probed.predictions,
        trained_params=probed.parameters,
        notes=found.notes | probed.notes | {"width": found.train.shape[1]},
        flags=found.flags,
        probabilities=probed.probabilities,
        validation=probed.validation,
        validation_balanced=None if probed.held_out is None else mean_recall(probed.held_out, found.labels),
    )


def frozen_features(
    job: TransferJob,
    task: Task,
    device: str,
    layer: Layer | None = None,
    on_progress: OnProgress | None = None,
    *,
    tested: bool = True,
) -> Features:
    """Features of the job's training images and of all test images.

    Parameters
    ----------
    job, task, device
    layer : callable, optional
        From the backbone without head to a name, and the module whose output gives the features.
    on_progress : callable, optional
        Called with the batches of a part that are computed, and how many there are.
    tested : bool
        Whether there are features of the test images; without them ``test`` is empty.
    """
    transform = transform_for(job, task)
    code = code_digest(job.model)
    weights = f"weights {_digest(job)}" if job.weights else f"random, seed {job.seed}"
    parts = (job.model, f"code {code}" if code else "", weights)

    flags: list[str] = []

    @cache  # one for both splits, built where a split's features are not at hand
    def backbone() -> nn.Module:
        if job.weights is None:
            made, flag = random_network(job, 0, transform.size)
            flags.append(flag)
        else:
            made = create(job.model, weights=job.weights, num_classes=0, input_size=transform.size)
        return made if layer is None else layer(made)[1]

    chosen, labels = chosen_images(job, task)
    found, cached = [], True
    for split, images in (("train", task.train_images), ("test", task.test_images))[: 1 + tested]:
        key = FeatureKey(
            backbone=", ".join(filter(None, parts)),
            transform=json.dumps(transform.to_dict(), sort_keys=True),
            data=task.digest,
            split=split,
            libraries=source_of(job.model.partition("/")[0]).libraries(),
            layer=HEAD_INPUT if layer is None else getattr(layer, "__name__", "other"),
            precision=job.precision,
        )
        prepared = transform.prepare(images, chosen if split == "train" else None)
        values, hit = features(key, prepared, transform, backbone, device, on_progress)
        found.append(values)
        cached = cached and hit
    if job.weights is None and code:
        backbone()  # a user's model says itself whether it is random
    notes: JsonObject = {"batch_norm": "eval", "features_cached": cached}
    test = found[1] if tested else found[0][:0]
    return Features(found[0], labels, test, notes, tuple(filter(None, flags)))


def _digest(job: TransferJob) -> str:
    if isinstance(job.weights, Path):
        return digest(job.weights)
    return obtain(job.model, job.weights or DEFAULT).sha256

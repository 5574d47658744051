"""Strategies that fit a linear classifier on frozen features or pixels."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from zoo.loading.create import create
from zoo.regimes.features import FeatureKey, features
from zoo.regimes.probes import PROBES
from zoo.regimes.strategies.base import Strategy, Tested
from zoo.regimes.strategies.inputs import size_of, transform_for
from zoo.regimes.training import seeded
from zoo.sources.lookup import code_digest, source_of
from zoo.sources.naming import DEFAULT
from zoo.tasks.folders.images import pixels_at
from zoo.tasks.splits import few_shot
from zoo.weights.obtain import obtain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from zoo.canonical import JsonObject
    from zoo.regimes.strategies.base import OnProgress, TransferJob
    from zoo.tasks.folders.images import FileImages
    from zoo.tasks.task import Task


def probe_features(job: TransferJob, task: Task, device: str, on_progress: OnProgress | None) -> Tested:  # noqa: ARG001
    """A linear classifier on features of a frozen backbone."""
    import torch

    chosen = few_shot(task.train_labels, job.shots, job.seed)
    every, test, notes = _features(job, task, device)
    return _fitted(job, task, chosen, every[torch.from_numpy(chosen)], test, notes)


def probe_pixels(job: TransferJob, task: Task, device: str, on_progress: OnProgress | None) -> Tested:  # noqa: ARG001
    """A linear classifier on raw pixels."""
    chosen = few_shot(task.train_labels, job.shots, job.seed)
    # Drawn before they are floats, which take four times the memory of all images.
    side = size_of(job, task)
    train, test = _pixels(task.train_images[chosen], side), _pixels(task.test_images, side)
    return _fitted(job, task, chosen, train, test, {"batch_norm": "none"})


def _fitted(
    job: TransferJob, task: Task, chosen: NDArray[np.int64], train: Tensor, test: Tensor, notes: JsonObject
) -> Tested:
    import torch

    labels = torch.from_numpy(task.train_labels[chosen])
    probed = PROBES.get(job.probe)(train, labels, test, len(task.classes))
    return Tested(probed.predictions, probed.parameters, notes | probed.notes | {"width": train.shape[1]})


def _pixels(images: NDArray[np.uint8] | FileImages, side: int) -> Tensor:
    """Raw pixels, of files at the size of the features beside them."""
    import torch

    pixels = pixels_at(images, side)
    return torch.from_numpy(pixels.reshape(len(pixels), -1)).float() / 255


def _features(job: TransferJob, task: Task, device: str) -> tuple[Tensor, Tensor, JsonObject]:
    """Features of all training images and of all test images."""
    transform = transform_for(job, task)
    code = code_digest(job.model)
    parts = (
        job.model,
        f"code {code}" if code else "",
        f"weights {_digest(job)}" if job.weights else f"random, seed {job.seed}",
    )

    @cache  # one for both splits, built where a split's features are not at hand
    def backbone() -> nn.Module:
        with seeded(job.seed):
            return create(job.model, weights=job.weights, num_classes=0, input_size=transform.size)

    found = []
    cached = True
    for split, images in (("train", task.train_images), ("test", task.test_images)):
        key = FeatureKey(
            backbone=", ".join(filter(None, parts)),
            transform=json.dumps(transform.to_dict(), sort_keys=True),
            data=task.digest,
            split=split,
            libraries=source_of(job.model.partition("/")[0]).libraries(),
        )
        values, hit = features(key, images, transform, backbone, device)
        found.append(values)
        cached = cached and hit
    return found[0], found[1], {"batch_norm": "eval", "features_cached": cached}


def _digest(job: TransferJob) -> str:
    return obtain(job.model, job.weights or DEFAULT).sha256


CLASSIFIER = Strategy(
    name="classifier",
    trained="new head on cached features",
    start="weights",
    batch_norm="eval",
    run=probe_features,
    uses_probe=True,
    order=1,
)

RANDOM_FEATURES = Strategy(
    name="random_features",
    trained="head on an untrained backbone",
    start="random",
    batch_norm="eval",
    run=probe_features,
    uses_probe=True,
    control=True,
    order=4,
)

PIXELS = Strategy(
    name="pixels",
    trained="head on raw pixels",
    start="none",
    batch_norm="none",
    run=probe_pixels,
    uses_probe=True,
    control=True,
    order=5,
)

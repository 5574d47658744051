"""Strategies that fit a linear classifier on frozen features."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zoo.regimes.strategies.base import Tested, TransferJob
from zoo.regimes.strategies.inputs import transform_for

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo.tasks.task import Task


def fit_probe(job: TransferJob, task: Task, device: str) -> Tested:
    """A linear classifier on frozen features or pixels, and its predictions."""
    import torch

    from zoo.regimes.probes.fit import probe
    from zoo.tasks.splits import few_shot

    chosen = few_shot(task.train_labels, job.shots, job.seed)
    if job.strategy == "pixels":
        # Drawn before they are floats, which take four times the memory of all images.
        train, test = _pixels(task.train_images[chosen]), _pixels(task.test_images)
        notes: dict[str, Any] = {"batch_norm": "none"}
    else:
        every, test, notes = _features(job, task, device)
        train = every[torch.from_numpy(chosen)]
    labels = torch.from_numpy(task.train_labels[chosen])
    probed = probe(job.probe, train, labels, test, len(task.classes))
    return Tested(probed.predictions, probed.parameters, notes | probed.notes | {"width": train.shape[1]})


def _pixels(images: Any) -> Tensor:
    import torch

    return torch.from_numpy(images.reshape(len(images), -1)).float() / 255


def _features(job: TransferJob, task: Task, device: str) -> tuple[Tensor, Tensor, dict[str, Any]]:
    from zoo.models.create import create
    from zoo.regimes.features import FeatureKey, features
    from zoo.regimes.training import seeded
    from zoo.registry.sources.lookup import code_digest, source_of

    transform = transform_for(job, task)
    code = code_digest(job.model)
    parts = (
        job.model,
        f"code {code}" if code else "",
        f"weights {_digest(job)}" if job.weights else f"random, seed {job.seed}",
    )

    def backbone() -> nn.Module:
        with seeded(job.seed):
            return create(job.model, weights=job.weights, num_classes=0)

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
    from zoo.weights.obtain import obtain

    return obtain(job.model, job.weights or "default").sha256

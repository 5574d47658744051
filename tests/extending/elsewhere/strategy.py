"""A strategy: the class whose mean of features is nearest."""

from __future__ import annotations

from typing import Any

from zoo.regimes.strategies.base import Strategy, Tested


def run(job: Any, task: Any, device: str, on_progress: Any) -> Tested:
    """Means of the training images' features, and the nearest one of each test image."""
    import torch

    from zoo.loading.create import create
    from zoo.tasks.splits import few_shot
    from zoo.training.images import Transform

    del on_progress
    chosen = few_shot(task.train_labels, job.shots, job.seed)
    backbone = create(job.model, weights=job.weights, num_classes=0).to(device)
    transform = Transform(job.input_size or task.native_size)

    def features(images: Any) -> torch.Tensor:
        with torch.inference_mode():
            return backbone(transform.normalise(transform.resize(images).to(device))).flatten(1).cpu()

    labels = torch.from_numpy(task.train_labels[chosen])
    train = features(task.train_images[chosen])
    means = torch.stack([train[labels == label].mean(0) for label in range(len(task.classes))])
    nearest = torch.cdist(features(task.test_images), means).argmin(1)
    return Tested(nearest, means.numel(), {"batch_norm": "eval"})


NEAREST_MEAN = Strategy("nearest_mean", "means of frozen features", "random", "eval", run)

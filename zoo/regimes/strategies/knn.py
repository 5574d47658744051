"""The control that fits nothing: the nearest training images vote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.regimes.strategies.base import Strategy, Tested
from zoo.regimes.strategies.probing import frozen_features

if TYPE_CHECKING:
    from torch import Tensor

    from zoo.regimes.strategies.base import OnProgress, TransferJob
    from zoo.tasks.task import Task


NEIGHBOURS = 20
TEMPERATURE = 0.07
"""Those of arXiv 1805.01978, which later work kept."""

CHUNK = 1024
"""Test images compared at a time."""


def vote(job: TransferJob, task: Task, device: str, on_progress: OnProgress | None) -> Tested:
    """Classes of the nearest training images in frozen features."""
    found = frozen_features(job, task, device, on_progress=on_progress)
    probabilities = votes(found.train, found.labels, found.test, len(task.classes))
    notes = found.notes | {"width": found.train.shape[1], "neighbours": min(NEIGHBOURS, len(found.train))}
    return Tested(probabilities.argmax(dim=1), 0, notes, probabilities=probabilities)


def votes(train: Tensor, labels: Tensor, test: Tensor, classes: int) -> Tensor:
    """Shares (M, C) of the votes of the nearest training samples.

    Each votes with the exponential of its cosine over the temperature.

    Parameters
    ----------
    train : Tensor
        (N, D).
    labels : Tensor
        (N,).
    test : Tensor
        (M, D).
    classes : int
        C.
    """
    import torch
    from torch.nn.functional import normalize, one_hot

    reference, targets = normalize(train, dim=1), one_hot(labels.long(), classes).float()
    chunks = normalize(test, dim=1).split(CHUNK)  # type: ignore[no-untyped-call]
    return torch.cat([_shares(chunk @ reference.T, targets, len(train)) for chunk in chunks])


def votes_left_out(train: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Shares (N, C) of the votes of all other training samples.

    As :func:`votes` has them.
    """
    import torch
    from torch.nn.functional import normalize, one_hot

    reference, targets = normalize(train, dim=1), one_hot(labels.long(), classes).float()
    found = []
    for start in range(0, len(train), CHUNK):
        cosine = reference[start : start + CHUNK] @ reference.T
        cosine[torch.arange(len(cosine)), torch.arange(start, start + len(cosine))] = -torch.inf
        found.append(_shares(cosine, targets, len(train) - 1))
    return torch.cat(found)


def _shares(cosines: Tensor, targets: Tensor, samples: int) -> Tensor:
    """Shares of the votes of the nearest of some samples, by their cosines (M, N) and targets (N, C)."""
    cosine, nearest = cosines.topk(min(NEIGHBOURS, samples), dim=1)
    weights = ((cosine - 1) / TEMPERATURE).exp()
    shares = (targets[nearest] * weights[:, :, None]).sum(dim=1)
    return shares / shares.sum(dim=1, keepdim=True).clamp_min(1e-30)


KNN = Strategy(
    name="knn",
    trained="nothing: the nearest training images vote",
    start="weights",
    batch_norm="eval",
    run=vote,
    control=True,
    same_for_all=True,
    order=6,
)

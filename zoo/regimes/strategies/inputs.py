"""Images for training and testing, as the weights want them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.errors import ZooError, option
from zoo.images.files import CROP, FIRST, SQUASH
from zoo.loading.create import create_random
from zoo.loading.specs import spec_of
from zoo.models.input_size import check_input_size
from zoo.sources import SHIPPED
from zoo.tasks.splits import few_shot
from zoo.training.images import Transform
from zoo.training.trainer import seeded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from zoo.regimes.strategies.base import TransferJob
    from zoo.tasks.task import Task


SHORTER = 8 / 7
"""The shorter side over the crop of weights that state neither: 256 of 224 pixels."""


def chosen_images(job: TransferJob, task: Task) -> tuple[NDArray[np.int64], Tensor]:
    """Indices of the training images of a job, and their labels."""
    import torch

    chosen = few_shot(task.train_labels, job.shots, job.seed)
    return chosen, torch.from_numpy(task.train_labels[chosen])


def random_network(job: TransferJob, num_classes: int, size: int) -> tuple[nn.Module, str]:
    """A network drawn from the job's seed, and a flag where it is not random."""
    with seeded(job.seed):
        return create_random(job.model, num_classes, size)


def size_of(job: TransferJob, task: Task) -> int:
    """The side that a job asks for, else the task's own.

    Raises
    ------
    ZooError
        Where neither says one.
    """
    size = job.input_size or task.native_size
    if size is None:
        raise ZooError(f"{task.name}: images of files have no size of their own; say which ({option('input_size')})")
    return size


def transform_for(job: TransferJob, task: Task) -> Transform:
    """The job's size and fit, with the preprocessing that its weights state.

    A random start takes that of the architecture's own weights in size and fit, and ImageNet's mean and deviation.

    Raises
    ------
    ZooError
        For a size under what the architecture takes.
    """
    size = size_of(job, task)
    check_input_size(job.model, size)
    spec = spec_of(job.model, job.weights)
    stated = spec.preprocessing
    # The mean of a user's model is that of its images, whatever its weights.
    own = stated if job.weights or spec.source not in SHIPPED else None
    if task.native_size is not None:
        return Transform(size) if own is None else Transform(size, own.mean, own.std)
    plain = Transform(size, *(() if own is None else (own.mean, own.std)))
    if stated is None:
        return fitted(plain, job.fit)
    return fitted(plain, job.fit, stated.crop_fraction, stated.interpolation)


def fitted(
    transform: Transform, fit: str, fraction: float | None = None, interpolation: str | None = None
) -> Transform:
    """A transform of files with a way to make squares of them.

    Parameters
    ----------
    transform : Transform
    fit : str
    fraction : float, optional
        Crop over the shorter side, for ``"crop"``.
    interpolation : str, optional
        The weights' own; bilinear otherwise, as for ``"squash"`` always.
    """
    if fit == SQUASH:
        return transform
    shorter = max(transform.size, round(transform.size / fraction if fraction else transform.size * SHORTER))
    return replace(
        transform, fit=fit, shorter=shorter if fit == CROP else None, interpolation=interpolation or FIRST[1]
    )

"""Images for training and testing, as the weights want them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import ZooError, option
from zoo.models.input_size import check_input_size
from zoo.regimes.images import Transform
from zoo.registry.catalogue import get
from zoo.sources.naming import DEFAULT

if TYPE_CHECKING:
    from zoo.regimes.strategies.base import TransferJob
    from zoo.tasks.task import Task


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
    """The job's size, with the mean and deviation of its weights.

    Raises
    ------
    ZooError
        For a size under what the architecture takes.
    """
    size = size_of(job, task)
    check_input_size(job.model, size)
    spec = get(f"{job.model}.{job.weights}" if job.weights and job.weights != DEFAULT else job.model)
    stated = spec.preprocessing if job.weights else None
    if stated is None:
        return Transform(size)
    return Transform(size, stated.mean, stated.std)

"""The control that fits a head on raw pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.regimes.strategies.base import Strategy, Tested
from zoo.regimes.strategies.inputs import chosen_images, size_of
from zoo.regimes.strategies.inputs import fitted as with_fit
from zoo.regimes.strategies.probing import Features, fitted
from zoo.training.images import Transform

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from zoo.regimes.strategies.base import OnProgress, TransferJob
    from zoo.tasks.task import Task
    from zoo.training.images import Prepared


MOST = 5_000
"""Training images of more than these the first of each class are taken: the fit is of the cube of their number."""

WIDEST = 8_192
"""Features beyond which they are projected to the space that the training images span, which changes no fit."""

CHUNK = 256


def probe_pixels(job: TransferJob, task: Task, device: str, on_progress: OnProgress | None) -> Tested:  # noqa: ARG001
    """A linear classifier on raw pixels.

    They are of the size of the images that the models beside it see.
    """
    chosen, labels = chosen_images(job, task)
    kept = spread_out(labels.numpy(), MOST)
    transform = Transform(size_of(job, task))
    if task.native_size is None:
        transform = with_fit(transform, job.fit)
    train = transform.prepare(task.train_images, chosen[kept])
    x, y = _pixels(train, transform.size), _pixels(transform.prepare(task.test_images), transform.size)
    notes = {"batch_norm": "none"} | ({"fitted_on": len(kept)} if len(kept) < len(chosen) else {})
    return fitted(job, Features(*spanned(x, labels[kept], y), notes), len(task.classes))


def spread_out(labels: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Indices of at most so many samples, of each class alike."""
    import numpy as np

    if len(labels) <= most:
        return np.arange(len(labels))
    rank = np.empty(len(labels), dtype=np.int64)
    for index in np.unique(labels):
        members = np.flatnonzero(labels == index)
        rank[members] = np.arange(len(members))
    return np.sort(np.lexsort((labels, rank))[:most])


def spanned(train: Tensor, labels: Tensor, test: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Samples in coordinates of the space that the training samples span.

    Inner products are the same, and with them every fit of a linear classifier with a quadratic penalty. Pixels of a
    photograph are a hundred times as many as few-shot training images, and their floats take gigabytes.

    Parameters
    ----------
    train : Tensor
        uint8 (N, D).
    labels : Tensor
        (N,), given back as they are.
    test : Tensor
        uint8 (M, D).

    Returns
    -------
    train : Tensor
        Float32 (N, R), R at most N.
    labels : Tensor
    test : Tensor
        Float32 (M, R).
    """
    import torch

    if train.shape[1] <= max(WIDEST, len(train)):
        return train.float() / 255, labels, test.float() / 255
    mean = train.float().mean(dim=0) / 255

    def centred(rows: Tensor) -> Tensor:
        return rows.float() / 255 - mean

    chunks = range(0, len(train), CHUNK)
    gram = torch.zeros(len(train), len(train), dtype=torch.float64)
    for i in chunks:
        a = centred(train[i : i + CHUNK])
        for j in range(0, i + 1, CHUNK):
            block = (a @ centred(train[j : j + CHUNK]).T).double()
            gram[i : i + CHUNK, j : j + CHUNK] = block
            gram[j : j + CHUNK, i : i + CHUNK] = block.T
    values, vectors = torch.linalg.eigh(gram)
    kept = values > values.max() * len(train) * torch.finfo(torch.float32).eps
    basis = vectors[:, kept] / values[kept].sqrt()
    coordinates = []
    for i in range(0, len(test), CHUNK):
        row = centred(test[i : i + CHUNK])
        products = [(row @ centred(train[j : j + CHUNK]).T).double() for j in chunks]
        coordinates.append(torch.cat(products, dim=1) @ basis)
    return (gram @ basis).float(), labels, torch.cat(coordinates).float()


def _pixels(images: Prepared, side: int) -> Tensor:
    """Pixels of the middle of each image, uint8 (N, 3 × side × side)."""
    return images.middles(side).flatten(1)


PIXELS = Strategy(
    name="pixels",
    trained="head on raw pixels",
    start="none",
    batch_norm="none",
    run=probe_pixels,
    uses_probe=True,
    control=True,
    same_for_all=True,
    order=5,
)

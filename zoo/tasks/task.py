"""A labelled image task with its images, and a digest of all of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Task:
    """Images with labels, split into train and test.

    Attributes
    ----------
    name : str
        Of the embedded task, or the folder's own last name: shown, and no part of what the task is.
    classes : tuple of str
    train_images, test_images : ndarray of uint8
        (N, H, W, 3).
    train_labels, test_labels : ndarray of int64
        (N,), indices into ``classes``.
    digest : str
        SHA-256 over classes, labels and pixels: another digest is another task.
    source : str
        Where the images come from, in a sentence.
    skipped : tuple of str
        Files that could not be read, where the user asked to go on without them.
    """

    name: str
    classes: tuple[str, ...]
    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]
    digest: str
    source: str
    skipped: tuple[str, ...] = ()

    @property
    def native_size(self) -> int:
        """Side of the images in pixels."""
        return int(self.train_images.shape[1])


def make_task(
    name: str,
    classes: tuple[str, ...],
    train: tuple[NDArray[Any], NDArray[Any]],
    test: tuple[NDArray[Any], NDArray[Any]],
    source: str,
    skipped: tuple[str, ...] = (),
) -> Task:
    """A task of (images, labels) pairs, with its digest."""
    checksum = hashlib.sha256("\0".join(classes).encode())
    for images, labels in (train, test):
        checksum.update(str(images.shape).encode())
        checksum.update(labels.astype("<i8").tobytes())
        checksum.update(images.tobytes())
    return Task(name, classes, *train, *test, checksum.hexdigest(), source, skipped)

"""A labelled image task with its images, and a digest of all of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zoo.images.files import FileImages


@dataclass(frozen=True, eq=False)
class Task:
    """Images with labels, split into train and test.

    Attributes
    ----------
    name : str
        Of the embedded task, or the folder's own last name: shown, and no part of what the task is.
    classes : tuple of str
    train_images, test_images : ndarray of uint8 or FileImages
        (N, H, W, 3), or files, of which :meth:`FileImages.at` gives as much at any size.
    train_labels, test_labels : ndarray of int64
        (N,), indices into ``classes``.
    digest : str
        SHA-256 over classes, labels and pixels: another digest is another task.
    source : str
        Where the images come from, in a sentence.
    skipped : tuple of str
        Files that could not be read, where the user asked to go on without them.
    left_out : str
        What else a folder holds, in a line.
    read_s : float
        Seconds that decoding one file takes, 0 of images that are drawn.
    """

    name: str
    classes: tuple[str, ...]
    train_images: NDArray[np.uint8] | FileImages
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8] | FileImages
    test_labels: NDArray[np.int64]
    digest: str
    source: str
    skipped: tuple[str, ...] = ()
    left_out: str = ""
    read_s: float = 0.0

    @property
    def native_size(self) -> int | None:
        """Side of the images in pixels, None of files, which have any."""
        shape = getattr(self.train_images, "shape", None)
        return None if shape is None else int(shape[1])


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

"""Any folder of images as a task."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.errors import InputFileError
from zoo.paths import shown_name
from zoo.tasks.folders.files import check_corrupt_policy, refuse_corrupt
from zoo.tasks.folders.parts import train_and_test
from zoo.tasks.folders.pixels import rgb_on_white, unreadable, with_reason
from zoo.tasks.signature import code_signature
from zoo.tasks.source import TaskSource
from zoo.tasks.task import make_task

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from zoo.tasks.task import Task


SIDE = 256
"""Images are kept at this side at most; a regime scales them to what the backbone takes."""


@dataclass(frozen=True)
class FolderTask(TaskSource):
    """The task of a folder, with the policy for its corrupt images."""

    path: Path
    corrupt: str = "refuse"

    def make(self) -> Task:
        """Read every image, by :func:`load_folder`."""
        return load_folder(self.path, corrupt=self.corrupt)

    def signature(self) -> str:
        """Digest of names, sizes and times of change of the files to be read.

        Raises
        ------
        InputFileError
            A folder that is no task, as far as its file names tell.
        """
        check_corrupt_policy(self.corrupt)
        checksum = hashlib.sha256()
        for part in train_and_test(self.path):
            for name, files in part.items():
                checksum.update(f"{name}\0{len(files)}\n".encode())
                for file in files:
                    state = file.stat()
                    place = file.relative_to(self.path).as_posix()
                    checksum.update(f"{place}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
        code = code_signature(("numpy", "pillow"))
        return f"files {checksum.hexdigest()}, corrupt images: {self.corrupt}, {code}"


def load_folder(path: Path, *, corrupt: str = "refuse", side: int = SIDE) -> Task:
    """Read a folder of images.

    Parameters
    ----------
    path : Path
        Holds one folder a class; or a part to train on (``train``, ``training``) and one to test on
        (``test``, ``testing``, ``val``, ``validation``, ``valid``) that do, in upper or lower case. Of
        several to test on the first in this order is taken, and other folders beside the two are left
        alone. Without parts, a quarter of each class is kept for the test, chosen by file name and always
        the same.
    corrupt : str
        ``"refuse"`` names the files that cannot be read and ends; ``"skip"`` leaves them out, and the
        task lists them.
    side : int
        Shorter sides are scaled to this, or to the largest of them where that is smaller, and the middle
        square is kept. What is transparent lies on white; grey of 16 bits is scaled to 8.

    Raises
    ------
    InputFileError
        No such folder, no classes, one class, a class without images, corrupt images, or folders that may
        be parts or classes.
    """
    import numpy as np

    check_corrupt_policy(corrupt)
    train, test = train_and_test(path)
    side = _side([*train.values(), *test.values()], side)
    classes = tuple(sorted(train))
    bad: list[str] = []
    loaded = [_load(part, classes, side, bad) for part in (train, test)]
    refuse_corrupt(path, bad, corrupt)
    for name, (_, labels) in zip(("training", "test"), loaded, strict=True):
        empty = [label for index, label in enumerate(classes) if not np.any(labels == index)]
        if empty:
            raise InputFileError(f"{path}: class {empty[0]!r} has no {name} images that can be read")
    name = shown_name(path)
    return make_task(name, classes, loaded[0], loaded[1], f"the image folder {name}", tuple(bad))


def _side(groups: list[list[Path]], most: int) -> int:
    """The largest shorter side of the images, and ``most`` at most.

    No image is to be enlarged beyond it.
    """
    from PIL import Image

    largest = 1
    for file in (file for group in groups for file in group):
        try:
            with Image.open(file) as opened:
                largest = max(largest, min(opened.size))
        except unreadable():
            continue  # named when its pixels are read
        if largest >= most:
            return most
    return largest


def _load(
    files: dict[str, list[Path]], classes: tuple[str, ...], side: int, bad: list[str]
) -> tuple[NDArray[Any], NDArray[Any]]:
    import numpy as np
    from PIL import Image, ImageOps

    images, labels = [], []
    for index, name in enumerate(classes):
        for file in files.get(name, []):
            try:
                with Image.open(file) as opened:
                    upright = rgb_on_white(ImageOps.exif_transpose(opened))
                images.append(np.asarray(ImageOps.fit(upright, (side, side), Image.Resampling.BILINEAR)))
                labels.append(index)
            except unreadable() as error:
                bad.append(with_reason(f"{file.parent.name}/{file.name}", error))
    pixels = np.stack(images) if images else np.zeros((0, side, side, 3), np.uint8)
    return pixels, np.asarray(labels, dtype=np.int64)

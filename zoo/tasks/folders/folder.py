"""Any image files of the user's as a task."""

from __future__ import annotations

import hashlib
import os
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import InputFileError
from zoo.images.files import part_of
from zoo.images.reading import place_in, read_files
from zoo.images.signature import PILLOW
from zoo.machine.devices import all_cores
from zoo.paths import shown_name
from zoo.tasks.folders.files import SKIP, check_corrupt_policy, refuse_corrupt
from zoo.tasks.folders.left_out import left_out_line
from zoo.tasks.folders.parts import find_files, split
from zoo.tasks.signature import task_signature
from zoo.tasks.source import TaskSource
from zoo.tasks.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from zoo.images.files import FileImages
    from zoo.images.reading import FolderContent, OnRead
    from zoo.tasks.folders.parts import ByClass, FolderFiles


@dataclass(frozen=True)
class FilesTask(TaskSource):
    """The task of a folder or list, with the policy for its corrupt images.

    Attributes
    ----------
    path : Path
    corrupt : str
        ``"refuse"`` names the files that cannot be read and ends; ``"skip"`` leaves them out, and the task lists
        them.
    """

    path: Path
    corrupt: str = "refuse"

    noun = "image folder"

    @abstractmethod
    def find(self) -> FolderFiles:
        """Its image files.

        Raises
        ------
        InputFileError
        """

    def make(self, on_read: OnRead | None = None, found: FolderFiles | None = None) -> Task:
        """Read every file that changed, by :func:`read_task`.

        Parameters
        ----------
        on_read : callable, optional
        found : FolderFiles, optional
            What :meth:`find` found, where it was asked already.
        """
        check_corrupt_policy(self.corrupt)
        said = f"the {self.noun} {shown_name(self.path)}"
        return read_task(found or self.find(), self.path, said, corrupt=self.corrupt, on_read=on_read)

    def signature(self, found: FolderFiles | None = None) -> str:
        """Digest of names, sizes and times of change of the files to be read.

        Parameters
        ----------
        found : FolderFiles, optional
            What :meth:`find` found, where it was asked already.

        Raises
        ------
        InputFileError
            What is no task, as far as its file names tell.
        """
        check_corrupt_policy(self.corrupt)
        files = found or self.find()
        checksum = hashlib.sha256()
        for part in (files.train, files.test or {}):
            for name, members in part.items():
                checksum.update(f"{name}\0{len(members)}\n".encode())
                for file in members:
                    checksum.update(f"{place_in(files.root, file)}\0{_state(file)}\n".encode())
        code = task_signature(PILLOW)
        return f"files {checksum.hexdigest()}, {left_out_line(files.left_out)}, corrupt: {self.corrupt}, {code}"


def _state(file: Path) -> str:
    """Size and time of change of a file, empty of one that is gone."""
    try:
        state = os.stat(file)  # noqa: PTH116 - at half the price
    except OSError:
        return ""
    return f"{state.st_size}\0{state.st_mtime_ns}"


@dataclass(frozen=True)
class FolderTask(FilesTask):
    """The task of a folder, with the policy for its corrupt images."""

    def find(self) -> FolderFiles:
        """Files of the folder, by :func:`zoo.tasks.folders.parts.find_files`."""
        return find_files(self.path)


def load_folder(path: Path, *, corrupt: str = "refuse", on_read: OnRead | None = None) -> Task:
    """Find the images of a folder, and read those that changed since.

    Parameters
    ----------
    path : Path
        Holds one folder a class; or a part to train on (``train``, ``training``) and one to test on
        (``test``, ``testing``, ``val``, ``validation``, ``valid``) that do, in upper or lower case. Of
        several to test on the first in this order is taken, and other folders beside the two are left
        alone. Without parts, a quarter of each class is kept for the test, chosen by content and always
        the same. A folder around all of it is stepped into; links are followed.
    corrupt, on_read
        As :func:`read_task` has them.

    Raises
    ------
    InputFileError
        No such folder, no classes, one class, a class without images, corrupt images, or folders that may
        be parts or classes.
    """
    return FolderTask(path, corrupt).make(on_read)


def read_task(
    found: FolderFiles, path: Path, source: str, *, corrupt: str = "refuse", on_read: OnRead | None = None
) -> Task:
    """The task of image files, of which those that changed are read.

    Their pixels are not kept: they are scaled from the files when a size is asked for.

    Parameters
    ----------
    found : FolderFiles
    path : Path
        The folder or list, whose last name the task has.
    source : str
        Where the images come from, in a sentence.
    corrupt : str
        ``"refuse"`` or ``"skip"``; see :class:`FilesTask`.
    on_read : callable, optional
        Called with the count of files read and of those to read.

    Raises
    ------
    InputFileError
        Corrupt images, and a class without any that is whole.
    """
    content = read_files(found.root, found.every, all_cores(), on_read, decode=corrupt == SKIP)
    bad = tuple(content.name_of(file, found.root) for file in found.every if not content.is_image(file))
    refuse_corrupt(path, bad, corrupt)
    train, test = _whole(found, content, path)
    classes = tuple(sorted(train))
    for name in classes:
        if not train[name]:
            raise InputFileError(f"{path}: class {name!r} has no training images that can be read")
    if not any(test.values()):
        raise InputFileError(f"{path}: no test images that can be read")
    parts = [_labelled(part, classes, content) for part in (train, test)]
    return Task(
        name=shown_name(path),
        classes=classes,
        train_images=parts[0][0],
        train_labels=parts[0][1],
        test_images=parts[1][0],
        test_labels=parts[1][1],
        digest=_digest(classes, parts),
        source=source,
        skipped=bad,
        left_out=left_out_line(found.left_out),
        read_s=content.seconds,
    )


def _whole(found: FolderFiles, content: FolderContent, path: Path) -> tuple[ByClass, ByClass]:
    """Whole images to train on and to test on, in an order that is that of their contents."""

    def of(file: Path) -> str:
        return content.files[file].sha256

    def good(part: ByClass) -> ByClass:
        return {name: sorted((f for f in files if of(f)), key=of) for name, files in part.items()}

    if found.test is None:
        return split(good(found.train), _same_picture(content), path)
    return good(found.train), good(found.test)


def _same_picture(content: FolderContent) -> Callable[[Path], str]:
    """From a file to what it shares with all that hold the same picture: the first of their digests."""
    first: dict[str, str] = {}
    for file, picture in content.pictures.items():
        digest = content.files[file].sha256
        first[picture] = min(first.get(picture, digest), digest)
    return lambda file: first[content.pictures[file]]


def _labelled(
    part: ByClass, classes: tuple[str, ...], content: FolderContent
) -> tuple[FileImages, NDArray[np.int64]]:
    import numpy as np

    files = [file for name in classes for file in part.get(name, [])]
    labels = [index for index, name in enumerate(classes) for _ in part.get(name, [])]
    digests = [content.files[file].sha256 for file in files]
    pictures = [content.pictures[file] for file in files]
    return part_of(files, digests, pictures), np.asarray(labels, dtype=np.int64)


def _digest(classes: tuple[str, ...], parts: list[tuple[FileImages, NDArray[np.int64]]]) -> str:
    """SHA-256 over classes, and in each part the class and bytes of every file.

    Names of files and where they lie are no part of it.
    """
    checksum = hashlib.sha256("\0".join(("files", *classes)).encode())
    for images, labels in parts:
        checksum.update(f"{len(images)}\n".encode())
        for label, digest in zip(labels.tolist(), images.digests, strict=True):
            checksum.update(f"{label} {digest}\n".encode())
    return checksum.hexdigest()

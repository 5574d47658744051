"""Image files of a folder by class, to train and to test on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.errors import InputFileError
from zoo.tasks.folders.files import (
    TEST_PARTS,
    TRAIN_PARTS,
    VALIDATION_PARTS,
    by_class,
    class_folders,
    count_loose,
    first_part,
    no_class_folders,
    no_folder,
    part_folders,
    unpacked,
)
from zoo.tasks.folders.left_out import no_images

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    ByClass = dict[str, list[Path]]


TEST_FRACTION = 0.25


@dataclass(frozen=True)
class FolderFiles:
    """Image files of a folder.

    Attributes
    ----------
    root : Path
        The folder that holds classes or parts.
    train : dict of str to list of Path
        By class; all images of a folder without parts.
    test : dict of str to list of Path, or None
        None of a folder without parts.
    left_out : Counter
        Endings of the files that are no images.
    """

    root: Path
    train: ByClass
    test: ByClass | None
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def every(self) -> list[Path]:
        """All files, to train on first."""
        parts = (self.train, self.test or {})
        return [file for part in parts for files in part.values() for file in files]


def find_files(path: Path) -> FolderFiles:
    """Image files to train on and to test on, each by class.

    Raises
    ------
    InputFileError
        No such folder, no classes, one class, a class without images, or folders that may be parts or classes.
    """
    if not path.is_dir():
        raise no_folder(path, ", and no embedded task of that name")
    root = unpacked(path)
    left_out: Counter[str] = Counter()
    parts = part_folders(root)
    if not parts:
        return FolderFiles(root, _files(root, left_out), None, left_out)
    trains = [parts[name] for name in TRAIN_PARTS if name in parts]
    test = first_part(parts, (*TEST_PARTS, *VALIDATION_PARTS))
    if len(trains) > 1:
        raise InputFileError(f"{root}: both {trains[0].name} and {trains[1].name} to train on; keep one of them")
    if not trains or test is None:
        raise _half_a_pair(root, parts)
    found = FolderFiles(root, _files(trains[0], left_out), _test_files(test, left_out), left_out)
    if set(found.test or ()) - set(found.train):
        extra = ", ".join(sorted(set(found.test or ()) - set(found.train)))
        raise InputFileError(f"{test}: classes that {trains[0]} lacks: {extra}")
    return found


def _half_a_pair(path: Path, parts: dict[str, Path]) -> InputFileError:
    """The line for parts to train on or to test on without the other."""
    names = [part.name for part in parts.values()]
    other = next((folder.name for folder in class_folders(path) if folder.name not in names), None)
    if other is not None:
        return InputFileError(
            f"{path}: {names[0]!r} looks like a part of a data set and {other!r} like a class; put the classes "
            f"into 'train' and 'test', or, where {names[0]!r} is a class, its images right into it"
        )
    if first_part(parts, TRAIN_PARTS) is None:
        return InputFileError(f"{path}: {' and '.join(names)} to test on, but no 'train' to train on")
    return InputFileError(
        f"{path}: {names[0]} to train on, but no 'test' or 'val'; add one, or name {path / names[0]} itself, of "
        "which a quarter is then kept for the test"
    )


def _files(path: Path, left_out: Counter[str]) -> ByClass:
    """Image files by class, of a folder to train on."""
    path = unpacked(path)
    count_loose(path, left_out)
    found = by_class(path, left_out)
    if not found:
        raise no_class_folders(path)
    if len(found) == 1:
        raise InputFileError(f"{path}: only one class, {next(iter(found))!r}; a task needs at least two")
    for name, files in found.items():
        if not files:
            raise no_images(path / name, left_out)
    return found


def _test_files(path: Path, left_out: Counter[str]) -> ByClass:
    """Image files by class, of a folder to test on, which may lack some."""
    path = unpacked(path)
    count_loose(path, left_out)
    found = by_class(path, left_out)
    if not found:
        raise no_class_folders(path)
    if not any(found.values()):
        raise no_images(path, left_out)
    return found


def split(files: ByClass, content: Callable[[Path], str], path: Path) -> tuple[ByClass, ByClass]:
    """Keep a quarter of each class for the test, the same anywhere.

    Equal images go into one part together.

    Parameters
    ----------
    files : dict
    content : callable
        From a file to the digest of what it holds.
    path : Path
        The folder or list of it all, for the error.

    Raises
    ------
    InputFileError
        For a class of one image.
    """
    import numpy as np

    train, test = {}, {}
    for index, (name, members) in enumerate(sorted(files.items())):
        distinct = sorted({content(file) for file in members})
        if len(distinct) < 2:
            several = "one image" if len(members) < 2 else f"one image, {len(members)} times"
            where = members[0].parent if members and path.is_dir() else path
            raise InputFileError(f"{where}: class {name!r} has {several}; train and test need one each")
        order = np.random.default_rng([7, index]).permutation(len(distinct))
        kept = {distinct[i] for i in order[: max(1, round(len(distinct) * TEST_FRACTION))]}
        test[name] = [file for file in members if content(file) in kept]
        train[name] = [file for file in members if content(file) not in kept]
    return train, test

"""Image files of a folder by class, to train and to test on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import InputFileError
from zoo.tasks.folders.files import (
    SUFFIXES,
    TEST_PARTS,
    TRAIN_PARTS,
    VALIDATION_PARTS,
    class_folders,
    first_part,
    image_files,
    no_class_folders,
    part_folders,
)

if TYPE_CHECKING:
    from pathlib import Path

    ByClass = dict[str, list[Path]]


TEST_FRACTION = 0.25


def train_and_test(path: Path) -> tuple[ByClass, ByClass]:
    """Image files to train on and to test on, each by class.

    Raises
    ------
    InputFileError
        No such folder, no classes, one class, a class without images, or folders that may be parts or classes.
    """
    if not path.is_dir():
        raise InputFileError(f"{path}: no such folder, and no embedded task of that name")
    parts = part_folders(path)
    if not parts:
        return _split(_files(path))
    trains = [parts[name] for name in TRAIN_PARTS if name in parts]
    test = first_part(parts, (*TEST_PARTS, *VALIDATION_PARTS))
    if len(trains) > 1:
        raise InputFileError(f"{path}: both {trains[0].name} and {trains[1].name} to train on; keep one of them")
    if not trains or test is None:
        raise _half_a_pair(path, parts)
    found = _files(trains[0]), _files(test)
    if set(found[1]) - set(found[0]):
        extra = ", ".join(sorted(set(found[1]) - set(found[0])))
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


def _files(path: Path) -> ByClass:
    """Image files by class."""
    found = {folder.name: image_files(folder) for folder in class_folders(path)}
    if not found:
        raise no_class_folders(path)
    if len(found) == 1:
        raise InputFileError(f"{path}: only one class, {next(iter(found))!r}; a task needs at least two")
    for name, files in found.items():
        if not files:
            raise InputFileError(f"{path / name}: no images (looked for {', '.join(SUFFIXES)})")
    return found


def _split(files: ByClass) -> tuple[ByClass, ByClass]:
    import numpy as np

    train, test = {}, {}
    for index, (name, members) in enumerate(sorted(files.items())):
        if len(members) < 2:
            raise InputFileError(f"class {name!r} has one image; train and test need one each")
        order = np.random.default_rng([7, index]).permutation(len(members))
        kept = max(1, round(len(members) * TEST_FRACTION))
        test[name] = [members[i] for i in sorted(order[:kept])]
        train[name] = [members[i] for i in sorted(order[kept:])]
    return train, test

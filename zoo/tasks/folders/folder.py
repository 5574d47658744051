"""Any folder of images: one folder a class, alone or under ``train`` and ``test`` or ``val``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps

from zoo.errors import InputFileError
from zoo.tasks.folders.files import (
    SUFFIXES,
    TEST_PARTS,
    TRAIN_PARTS,
    UNREADABLE,
    VALIDATION_PARTS,
    check_corrupt_policy,
    class_folders,
    first_part,
    image_files,
    no_class_folders,
    part_folders,
    refuse_corrupt,
    rgb_on_white,
    told,
)
from zoo.tasks.task import make_task

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from zoo.tasks.task import Task


TEST_FRACTION = 0.25
SIDE = 256
"""Images are kept at this side at most; the transfer room scales them to what the backbone takes."""


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
    check_corrupt_policy(corrupt)
    if not path.is_dir():
        raise InputFileError(f"{path}: no such folder, and no embedded task of that name")
    train, test = _train_and_test(path)
    side = _side([*train.values(), *test.values()], side)
    classes = tuple(sorted(train))
    bad: list[str] = []
    loaded = [_load(part, classes, side, bad) for part in (train, test)]
    refuse_corrupt(path, bad, corrupt)
    for name, (_, labels) in zip(("training", "test"), loaded, strict=True):
        empty = [label for index, label in enumerate(classes) if not np.any(labels == index)]
        if empty:
            raise InputFileError(f"{path}: class {empty[0]!r} has no {name} images that can be read")
    return make_task(str(path), classes, loaded[0], loaded[1], f"the image folder {path.name}", tuple(bad))


def _train_and_test(path: Path) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
    """Image files by class, to train and to test on."""
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


def _files(path: Path) -> dict[str, list[Path]]:
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


def _split(files: dict[str, list[Path]]) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
    train, test = {}, {}
    for index, (name, members) in enumerate(sorted(files.items())):
        if len(members) < 2:
            raise InputFileError(f"class {name!r} has one image; train and test need one each")
        order = np.random.default_rng([7, index]).permutation(len(members))
        kept = max(1, round(len(members) * TEST_FRACTION))
        test[name] = [members[i] for i in sorted(order[:kept])]
        train[name] = [members[i] for i in sorted(order[kept:])]
    return train, test


def _side(groups: list[list[Path]], most: int) -> int:
    """The largest shorter side of the images, which no image is to be enlarged beyond, and ``most`` at most."""
    largest = 1
    for file in (file for group in groups for file in group):
        try:
            with Image.open(file) as opened:
                largest = max(largest, min(opened.size))
        except UNREADABLE:
            continue  # named when its pixels are read
        if largest >= most:
            return most
    return largest


def _load(
    files: dict[str, list[Path]], classes: tuple[str, ...], side: int, bad: list[str]
) -> tuple[NDArray[Any], NDArray[Any]]:
    images, labels = [], []
    for index, name in enumerate(classes):
        for file in files.get(name, []):
            try:
                with Image.open(file) as opened:
                    upright = rgb_on_white(ImageOps.exif_transpose(opened))
                images.append(np.asarray(ImageOps.fit(upright, (side, side), Image.Resampling.BILINEAR)))
                labels.append(index)
            except UNREADABLE as error:
                bad.append(told(f"{file.parent.name}/{file.name}", error))
    pixels = np.stack(images) if images else np.zeros((0, side, side, 3), np.uint8)
    return pixels, np.asarray(labels, dtype=np.int64)

"""Any folder of images: one folder a class, alone or under ``train`` and ``val`` or ``test``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps

from zoo.errors import InputFileError
from zoo.tasks.files import (
    SUFFIXES,
    UNREADABLE,
    check_corrupt_policy,
    class_folders,
    image_files,
    no_class_folders,
    refuse_corrupt,
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
        Holds one folder a class, or ``train`` and ``val`` or ``test`` that do. Without a test part, a
        quarter of each class is kept for the test, chosen by file name and always the same.
    corrupt : str
        ``"refuse"`` names the files that cannot be read and ends; ``"skip"`` leaves them out, and the
        task lists them.
    side : int
        Shorter sides are scaled to this, and the middle square is kept.

    Raises
    ------
    InputFileError
        No such folder, no classes, one class, a class without images, or corrupt images.
    """
    check_corrupt_policy(corrupt)
    if not path.is_dir():
        raise InputFileError(f"{path}: no such folder, and no embedded task of that name")
    parts = {child.name for child in class_folders(path)}
    test_part = next((name for name in ("test", "val", "valid") if name in parts), None)
    if "train" in parts and test_part is not None:
        train, test = _files(path / "train"), _files(path / test_part)
        if set(test) - set(train):
            extra = ", ".join(sorted(set(test) - set(train)))
            raise InputFileError(f"{path / test_part}: classes that {path / 'train'} lacks: {extra}")
    else:
        train, test = _split(_files(path))
    classes = tuple(sorted(train))
    bad: list[str] = []
    loaded = [_load(part, classes, side, bad) for part in (train, test)]
    refuse_corrupt(path, bad, corrupt)
    for name, (_, labels) in zip(("training", "test"), loaded, strict=True):
        empty = [label for index, label in enumerate(classes) if not np.any(labels == index)]
        if empty:
            raise InputFileError(f"{path}: class {empty[0]!r} has no {name} images that can be read")
    return make_task(str(path), classes, loaded[0], loaded[1], f"the image folder {path.name}", tuple(bad))


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


def _load(
    files: dict[str, list[Path]], classes: tuple[str, ...], side: int, bad: list[str]
) -> tuple[NDArray[Any], NDArray[Any]]:
    images, labels = [], []
    for index, name in enumerate(classes):
        for file in files.get(name, []):
            try:
                with Image.open(file) as opened:
                    upright = ImageOps.exif_transpose(opened).convert("RGB")
                images.append(np.asarray(ImageOps.fit(upright, (side, side), Image.Resampling.BILINEAR)))
                labels.append(index)
            except UNREADABLE:
                bad.append(f"{file.parent.name}/{file.name}")
    pixels = np.stack(images) if images else np.zeros((0, side, side, 3), np.uint8)
    return pixels, np.asarray(labels, dtype=np.int64)

"""Image files in class folders and parts, and policies for corrupt ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import InputFileError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")

TRAIN_PARTS = ("train", "training")
TEST_PARTS = ("test", "testing")
VALIDATION_PARTS = ("val", "validation", "valid")
"""What the parts of a data set are called, in upper or lower case."""

LISTED = 5
"""Corrupt files named in one line; the rest are counted."""

CORRUPT = ("refuse", "skip")
"""What may be done about images of a folder that cannot be read."""


def class_folders(path: Path) -> list[Path]:
    """Folders in ``path`` by name, hidden ones left out."""
    return sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))


def part_folders(path: Path) -> dict[str, Path]:
    """Parts of a data set (``train``, ``val``) by their names in lower case.

    Images that lie right in a folder named like a part make it a class where there are other classes and no
    pair of parts: CIFAR-100 has a class ``train``.

    Raises
    ------
    InputFileError
        Two names that differ in case alone.
    """
    names = (*TRAIN_PARTS, *TEST_PARTS, *VALIDATION_PARTS)
    folders = class_folders(path)
    parts: dict[str, Path] = {}
    for folder in folders:
        name = folder.name.lower()
        if name in parts:
            raise InputFileError(f"{path}: {parts[name].name} and {folder.name} are one name twice; keep one of them")
        if name in names:
            parts[name] = folder
    paired = 0 < len(parts.keys() & set(TRAIN_PARTS)) < len(parts)
    if len(parts) < len(folders) and not paired and all(_holds_images(part) for part in parts.values()):
        return {}
    return parts


def first_part(parts: dict[str, Path], names: Sequence[str]) -> Path | None:
    """The part with the earliest of ``names``, or None."""
    return next((parts[name] for name in names if name in parts), None)


def image_files(folder: Path) -> list[Path]:
    """Images at any depth under a class folder, by path, without hidden ones."""
    return sorted(file for file in folder.rglob("*") if _is_image(file))


def _is_image(file: Path) -> bool:
    return file.is_file() and file.suffix.lower() in SUFFIXES and not file.name.startswith(".")


def _holds_images(folder: Path) -> bool:
    return any(_is_image(file) for file in folder.iterdir())


def no_class_folders(path: Path) -> InputFileError:
    """The line for a folder that holds no folders."""
    return InputFileError(f"{path}: no class folders; put the images of each class into a folder of its own")


def check_corrupt_policy(corrupt: str) -> None:
    """Refuse an unknown policy for corrupt images.

    Raises
    ------
    UnknownNameError
    """
    if corrupt not in CORRUPT:
        raise UnknownNameError("policy for corrupt images", corrupt, CORRUPT, f"permitted: {', '.join(CORRUPT)}")


def refuse_corrupt(path: Path, bad: Sequence[str], corrupt: str) -> None:
    """End where there are corrupt images and the policy is ``"refuse"``.

    Raises
    ------
    InputFileError
        Counts them, and names the first :data:`LISTED`.
    """
    if bad and corrupt == "refuse":
        names = ", ".join(bad[:LISTED]) + (f" and {len(bad) - LISTED} more" if len(bad) > LISTED else "")
        raise InputFileError(
            f"{path}: {len(bad)} corrupt image{'s' * (len(bad) != 1)}: {names}; mend them or pass --corrupt skip"
        )

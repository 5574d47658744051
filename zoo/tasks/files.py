"""Image files in class folders: which there are, and what is done about those that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from zoo.errors import InputFileError, UnknownNameError
from zoo.tasks.catalogue import CORRUPT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")

LISTED = 5
"""Corrupt files named in one line; the rest are counted."""

UNREADABLE = (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError)
"""What Pillow raises for a file that is no image, or half of one."""


def class_folders(path: Path) -> list[Path]:
    """Folders in ``path`` by name, hidden ones left out."""
    return sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))


def image_files(folder: Path) -> list[Path]:
    """Images at any depth under a class folder, by path; hidden ones, as some file managers add, left out."""
    return sorted(
        file
        for file in folder.rglob("*")
        if file.is_file() and file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
    )


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

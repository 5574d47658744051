"""Image files in class folders: which there are, their pixels, and what is done about those that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, UnidentifiedImageError

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

UNREADABLE = (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError)
"""What Pillow raises for a file that is no image, or half of one; :class:`NoRangeError` is a ValueError too."""

WHITE_16, STEP_16 = 65535, 257
"""White of 16 bits, and how much of it is one of 8: 65535 / 255."""


class NoRangeError(ValueError):
    """Pixels whose format does not say which value is white."""


def class_folders(path: Path) -> list[Path]:
    """Folders in ``path`` by name, hidden ones left out."""
    return sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))


def part_folders(path: Path) -> dict[str, Path]:
    """Parts of a data set in ``path`` (``train``, ``val``), by their names in lower case.

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
    """The part with the earliest of ``names``; None where there is none."""
    return next((parts[name] for name in names if name in parts), None)


def image_files(folder: Path) -> list[Path]:
    """Images at any depth under a class folder, by path; hidden ones, as some file managers add, left out."""
    return sorted(file for file in folder.rglob("*") if _is_image(file))


def rgb_on_white(opened: Image.Image) -> Image.Image:
    """8-bit RGB of an image to train on, what is transparent on white.

    White is what most viewers show there. The colour stored under it, which dropping the transparency would
    bring to light, is seen by nobody, and often black or the rest of a picture that was cut out.

    Raises
    ------
    NoRangeError
    """
    plain = _eight_bits(opened)
    if not plain.has_transparency_data:
        return plain.convert("RGB")
    front = plain.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", front.size, "white"), front).convert("RGB")


def rgb_as_published(opened: Image.Image) -> Image.Image:
    """8-bit RGB as the libraries made it for their published figures: transparency is dropped.

    Raises
    ------
    NoRangeError
    """
    plain = _eight_bits(opened)
    if plain.mode == "P":
        plain = plain.convert("RGBA")  # straight to RGB, Pillow warns of transparency; the colours are the same
    return plain.convert("RGB")


def _eight_bits(opened: Image.Image) -> Image.Image:
    """The image; grey of 16 bits scaled to 8, since Pillow's own conversion makes all above 255 white."""
    if opened.mode == "F":
        raise NoRangeError("floating point, without a stated white: save it with 8 or 16 bits")
    if not opened.mode.startswith("I"):
        return opened
    values = np.asarray(opened)
    # Some versions of Pillow open 16 bits as 32.
    if values.min() < 0 or values.max() > WHITE_16:
        raise NoRangeError("integers beyond 16 bits, without a stated white: save it with 8 or 16 bits")
    return Image.fromarray(((values.astype(np.uint32) + STEP_16 // 2) // STEP_16).astype(np.uint8))


def _is_image(file: Path) -> bool:
    return file.is_file() and file.suffix.lower() in SUFFIXES and not file.name.startswith(".")


def _holds_images(folder: Path) -> bool:
    return any(_is_image(file) for file in folder.iterdir())


def no_class_folders(path: Path) -> InputFileError:
    """The line for a folder that holds no folders."""
    return InputFileError(f"{path}: no class folders; put the images of each class into a folder of its own")


def told(name: str, error: Exception) -> str:
    """The name of a file that cannot be read, with the reason where it is not simply broken."""
    return f"{name} ({error})" if isinstance(error, NoRangeError) else name


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


CORRUPT = ("refuse", "skip")
"""What may be done about images of a folder that cannot be read."""

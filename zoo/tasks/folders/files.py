"""Image files in class folders and parts, and policies for corrupt ones."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.checks import text
from zoo.errors import InputFileError, UnknownNameError, option
from zoo.images.pixels import unreadable
from zoo.paths import composed
from zoo.tasks.folders.left_out import LOOSE, NOWHERE, UNNAMED

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence


TRAIN_PARTS = ("train", "training")
TEST_PARTS = ("test", "testing")
VALIDATION_PARTS = ("val", "validation", "valid")
PARTS = (*TRAIN_PARTS, *TEST_PARTS, *VALIDATION_PARTS)
"""What the parts of a data set are called, in upper or lower case."""

JUNK = (
    "__macosx", "thumbs.db", "desktop.ini", "lost+found", "system volume information", "$recycle.bin", "@eadir",
    "#recycle",
)  # fmt: skip
"""What systems leave in folders, in lower case; so is what begins with a dot."""

LEVELS = 3
"""Folders too many that are stepped into, as an archive's own folder is."""

LISTED = 5
"""Corrupt files named in one line; the rest are counted."""

REFUSE, SKIP = "refuse", "skip"
CORRUPT = (REFUSE, SKIP)
"""What may be done about images of a folder that cannot be read."""

NO_PIXELS = frozenset({"BUFR", "GRIB", "HDF5", "MPEG"})
"""Formats whose files Pillow knows by their first bytes and reads no pixels of."""


@cache
def _unread() -> frozenset[str]:
    """Formats that are no images here: for some Pillow needs programs and systems that may be missing."""
    from PIL import EpsImagePlugin, Image

    missing = {"EPS"} if not EpsImagePlugin.has_ghostscript() else set()
    return NO_PIXELS | missing | (set() if hasattr(getattr(Image, "core", None), "drawwmf") else {"WMF"})


@cache
def suffixes() -> frozenset[str]:
    """Endings of the images that Pillow reads here, its plugins' too."""
    from PIL import Image

    Image.init()
    kinds = Image.OPEN.keys() - _unread()
    return frozenset(suffix for suffix, kind in Image.registered_extensions().items() if kind in kinds)


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name.lower() in JUNK


@contextmanager
def _permitted() -> Iterator[None]:
    """Refuse a folder that may not be read, whose files would else be passed over."""
    try:
        yield
    except PermissionError as error:
        raise InputFileError(
            f"{error.filename}: cannot be read: {error.strerror}; permit it, or take it out of the folder"
        ) from None


def class_folders(path: Path) -> list[Path]:
    """Folders in a folder by name, without what systems leave there.

    Raises
    ------
    InputFileError
        For one that may not be read.
    """
    with _permitted():
        return sorted(p for p in path.iterdir() if p.is_dir() and not _is_junk(p.name))


def by_class(path: Path, left_out: Counter[str]) -> dict[str, list[Path]]:
    """Image files of each class folder, by the name of its class.

    Names are in one way of writing, as :func:`zoo.paths.composed` has them.

    Raises
    ------
    InputFileError
        Two folders of one name, and one that may not be read.
    """
    found: dict[str, Path] = {}
    for folder in class_folders(path):
        name = composed(folder.name)
        if name in found:
            raise InputFileError(f"{path}: two folders are called {name!r}, written in two ways; put them together")
        found[name] = folder
    return {name: image_files(found[name], left_out) for name in sorted(found)}


def unpacked(path: Path) -> Path:
    """The folder that holds classes or parts, inside one too many."""
    for _ in range(LEVELS):
        inside = class_folders(path)
        if len(inside) == 1 and inside[0].name.lower() in PARTS:
            return path
        if len(inside) != 1 or not class_folders(inside[0]) or _holds_images(path) or _holds_images(inside[0]):
            return path
        (path,) = inside
    return path


def _part_name(name: str) -> tuple[str, str]:
    """The part that a folder is called after, and what else stands in its name (``seg_``, ``_set``, ``2017``)."""
    words = [word for word in re.findall(r"[a-z]+", name.lower()) if word in PARTS]
    return (words[0], re.sub(rf"(?<![a-z]){words[0]}(?![a-z])", "*", name.lower())) if len(words) == 1 else ("", "")


def _alike(folders: list[Path]) -> dict[str, Path]:
    """Parts that are called after parts, and alike but for that: ``seg_train`` and ``seg_test``."""
    by_rest: dict[str, dict[str, Path]] = {}
    for folder in folders:
        part, rest = _part_name(folder.name)
        if part:
            by_rest.setdefault(rest, {})[part] = folder
    found = [
        parts
        for rest, parts in by_rest.items()
        if rest != "*" and 0 < len(parts.keys() & {*TRAIN_PARTS}) < len(parts)
    ]
    return found[0] if len(found) == 1 and not any(_holds_images(part) for part in found[0].values()) else {}


def part_folders(path: Path) -> dict[str, Path]:
    """Parts of a data set (``train``, ``val``) by their names in lower case.

    A pair that is alike but for those words (``seg_train`` and ``seg_test``) is one too. Images that lie right in a
    folder named like a part make it a class where there are other classes and no pair of parts: CIFAR-100 has a
    class ``train``.

    Raises
    ------
    InputFileError
        Two names that differ in case alone.
    """
    folders = class_folders(path)
    parts: dict[str, Path] = {}
    for folder in folders:
        name = folder.name.lower()
        if name in parts:
            raise InputFileError(f"{path}: {parts[name].name} and {folder.name} are one name twice; keep one of them")
        if name in PARTS:
            parts[name] = folder
    if not parts:
        return _alike(folders)
    paired = 0 < len(parts.keys() & set(TRAIN_PARTS)) < len(parts)
    if len(parts) < len(folders) and not paired and all(_holds_images(part) for part in parts.values()):
        return {}
    return parts


def first_part(parts: dict[str, Path], names: Sequence[str]) -> Path | None:
    """The part with the earliest of ``names``, or None."""
    return next((parts[name] for name in names if name in parts), None)


def image_files(folder: Path, left_out: Counter[str]) -> list[Path]:
    """Images at any depth under a class folder, by path, through links too.

    Parameters
    ----------
    folder : Path
    left_out : Counter
        Takes the endings of the files that are no images.

    Raises
    ------
    InputFileError
        For a folder below it that may not be read.
    """
    found, endings = [], suffixes()
    with _permitted():
        for file in _files_below(folder):
            ending = os.path.splitext(file.name)[1].lower().rstrip(".")  # noqa: PTH122 - a hundred thousand of them
            if not file.is_file():
                left_out[NOWHERE] += file.is_symlink()
            elif ending in endings or _opens(Path(file)):
                found.append(file.path)
            else:
                left_out[ending or UNNAMED] += 1
    return [Path(file) for file in sorted(found)]


def _files_below(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Files at any depth, each folder once however many links lead to it."""
    seen, waiting = {folder.resolve()}, [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as inside:
            for entry in inside:
                if _is_junk(entry.name):
                    continue
                if not entry.is_dir():
                    yield entry
                elif (whole := Path(entry).resolve()) not in seen:
                    seen.add(whole)
                    waiting.append(entry.path)


def _opens(file: Path) -> bool:
    """Whether a file of another ending is an image by its first bytes, or nobody may tell."""
    from PIL import Image

    try:
        with Image.open(file) as opened:
            return opened.format not in _unread()
    except PermissionError:
        return True
    except unreadable():
        return False


def _is_image(file: Path) -> bool:
    return file.is_file() and not _is_junk(file.name) and file.suffix.lower() in suffixes()


def _holds_images(folder: Path) -> bool:
    with _permitted():
        return any(_is_image(file) for file in folder.iterdir())


def count_loose(path: Path, left_out: Counter[str]) -> None:
    """Count images beside class folders, and links to nothing."""
    for file in path.iterdir():
        left_out[LOOSE] += _is_image(file)
        left_out[NOWHERE] += file.is_symlink() and not file.exists()


def no_folder(path: Path, otherwise: str = "") -> InputFileError:
    """The line for a path that leads to no folder."""
    if path.is_file():
        return InputFileError(
            f"{path}: a file, where a folder of images is needed; unpack it, if it is an archive; a list of "
            "images ends in .csv or .jsonl"
        )
    return InputFileError(f"{path}: no such folder{otherwise}")


def no_class_folders(path: Path) -> InputFileError:
    """The line for a folder that holds no folders."""
    return InputFileError(f"{path}: no class folders; put the images of each class into a folder of its own")


def check_corrupt_policy(corrupt: str) -> None:
    """Refuse an unknown policy for corrupt images.

    Raises
    ------
    UnknownNameError
    """
    if text(corrupt, "", "corrupt") not in CORRUPT:
        raise UnknownNameError("policy for corrupt images", corrupt, CORRUPT, f"permitted: {', '.join(CORRUPT)}")


def refuse_corrupt(path: Path, bad: Sequence[str], corrupt: str) -> None:
    """End where there are corrupt images and the policy is ``"refuse"``.

    Raises
    ------
    InputFileError
        Counts them, and names the first :data:`LISTED`.
    """
    if bad and corrupt == REFUSE:
        names = ", ".join(bad[:LISTED]) + (f" and {len(bad) - LISTED} more" if len(bad) > LISTED else "")
        raise InputFileError(
            f"{path}: {len(bad)} corrupt image{'s' * (len(bad) != 1)}: {names}; mend them or pass "
            f"{option('corrupt', 'skip')}"
        )

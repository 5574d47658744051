"""A folder of labelled images in ImageNet's layout: a folder a class, named by WordNet id, index or class."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from zoo.errors import InputFileError, UnknownNameError
from zoo.tasks.catalogue import CORRUPT
from zoo.tasks.folder import LISTED, SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

WORDNET_ID = re.compile(r"n\d{8}")
VALIDATION = ("val", "validation")

SUBSETS = {
    1000: "imagenet-1k",
    11221: "imagenet-21k-miil",
    11821: "imagenet-12k",
    21841: "imagenet-22k",
    21842: "imagenet-22k-ms",
    21843: "imagenet-21k-goog",
}
"""Which of the label sets that timm ships a head of so many classes was trained on."""


@dataclass(frozen=True)
class LabelledImages:
    """Image files with the class of each.

    Attributes
    ----------
    path : Path
    files : tuple of Path
    labels : tuple of int
        Index of the class in the model's head, for each file.
    layout : str
        What the folders are named by: ``"WordNet ids"``, ``"indices"`` or ``"class names"``.
    classes : int
        How many classes have images.
    digest : str
        SHA-256 over names, labels and bytes.
    skipped : tuple of str
        Files that cannot be read, where the user asked to go on without them.
    """

    path: Path
    files: tuple[Path, ...]
    labels: tuple[int, ...]
    layout: str
    classes: int
    digest: str
    skipped: tuple[str, ...] = ()


def read_imagenet_layout(
    path: Path, head: int, names: Sequence[str] = (), *, corrupt: str = "refuse"
) -> LabelledImages:
    """Find the images of a folder and the index of each one's class.

    Parameters
    ----------
    path : Path
        Holds a folder for each class, or a ``val`` folder that does.
    head : int
        Classes of the model; WordNet ids are looked up in the label set of a head of that width.
    names : sequence of str
        Names of the model's classes in order, where it brings them.
    corrupt : str
        ``"refuse"`` names the files that cannot be read and ends; ``"skip"`` leaves them out.

    Raises
    ------
    InputFileError
        No such folder, no class folders, names that are no classes of the model, no images, or corrupt ones.
    """
    if corrupt not in CORRUPT:
        raise UnknownNameError("policy for corrupt images", corrupt, CORRUPT, "permitted: refuse, skip")
    if not path.is_dir():
        raise InputFileError(f"{path}: no such folder")
    root = next((path / name for name in VALIDATION if (path / name).is_dir()), path)
    folders = sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not folders:
        raise InputFileError(f"{root}: no class folders; put the images of each class into a folder of its own")
    layout, index = _index(root, [folder.name for folder in folders], head, names)
    files, labels, bad = [], [], []
    checksum = hashlib.sha256()
    for folder in folders:
        for file in sorted(f for f in folder.rglob("*") if f.is_file() and f.suffix.lower() in SUFFIXES):
            name = file.relative_to(root).as_posix()
            if not _is_readable(file):
                bad.append(name)
                continue
            files.append(file)
            labels.append(index[folder.name])
            with file.open("rb") as content:
                found = hashlib.file_digest(content, "sha256").hexdigest()
            checksum.update(f"{name}\0{index[folder.name]}\0{found}\n".encode())
    if bad and corrupt == "refuse":
        listed = ", ".join(bad[:LISTED]) + (f" and {len(bad) - LISTED} more" if len(bad) > LISTED else "")
        raise InputFileError(f"{root}: {len(bad)} corrupt images: {listed}; mend them or pass --corrupt skip")
    if not files:
        raise InputFileError(f"{root}: no images in its class folders (looked for {', '.join(SUFFIXES)})")
    return LabelledImages(
        path, tuple(files), tuple(labels), layout, len(set(labels)), checksum.hexdigest(), tuple(bad)
    )


def _index(root: Path, folders: list[str], head: int, names: Sequence[str]) -> tuple[str, Mapping[str, int]]:
    """What the folders are named by, and the index of each."""
    if names and set(folders) <= set(names):
        return "class names", {name: names.index(name) for name in folders}
    if all(WORDNET_ID.fullmatch(name) for name in folders):
        return "WordNet ids", _wordnet(root, folders, head)
    if all(name.isascii() and name.isdigit() for name in folders):
        index = {name: int(name) for name in folders}
        beyond = [name for name in folders if index[name] >= head]
        if beyond:
            raise InputFileError(f"{root}: folder {beyond[0]!r} is beyond the {head} classes of the model (from 0)")
        return "indices", index
    # Where ids and indices are mixed, the first folder is as good to name as any.
    stranger = next((n for n in folders if not WORDNET_ID.fullmatch(n) and not n.isdigit()), folders[0])
    known = f", or one of the model's {len(names)} class names" if names else ""
    raise InputFileError(
        f"{root}: folder {stranger!r} is neither a WordNet id (n01440764) nor an index from 0{known}; name the "
        "folders by one of these, all alike"
    )


def _wordnet(root: Path, folders: list[str], head: int) -> dict[str, int]:
    from timm.data import ImageNetInfo

    if head not in SUBSETS:
        raise InputFileError(
            f"{root}: folders are named by WordNet ids, and a head of {head} classes is of no ImageNet that is "
            "known; name the folders by index"
        )
    there = {name: index for index, name in enumerate(ImageNetInfo(SUBSETS[head]).label_names())}
    missing = [name for name in folders if name not in there]
    if missing:
        raise InputFileError(
            f"{root}: {missing[0]} is no class of {SUBSETS[head]}, nor are {len(missing) - 1} others"
        )
    return {name: there[name] for name in folders}


def _is_readable(file: Path) -> bool:
    try:
        with Image.open(file) as opened:
            opened.convert("RGB")
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True

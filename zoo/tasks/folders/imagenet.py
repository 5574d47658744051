"""Labelled images in ImageNet's layout: one folder a class."""

from __future__ import annotations

import hashlib
import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from zoo.errors import InputFileError
from zoo.tasks.folders.files import (
    SUFFIXES,
    TEST_PARTS,
    VALIDATION_PARTS,
    check_corrupt_policy,
    class_folders,
    first_part,
    image_files,
    no_class_folders,
    part_folders,
    refuse_corrupt,
)
from zoo.tasks.folders.pixels import rgb_as_published, unreadable, with_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


WORDNET_ID = re.compile(r"n\d{8}")

READ_AT_ONCE = 256
"""Files between two reports of progress."""

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
    files : tuple of Path
    labels : tuple of int
        Index of the class in the model's head, for each file.
    layout : str
        What the folders are named by: ``"WordNet ids"``, ``"indices"`` or ``"class names"``.
    classes : int
        How many classes have images.
    skipped : tuple of str
        Files that cannot be read, where the user asked to go on without them.
    """

    files: tuple[Path, ...]
    labels: tuple[int, ...]
    layout: str
    classes: int
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassFolders:
    """Image files in class folders, each read once.

    Which labels they have differs from head to head.

    Attributes
    ----------
    path : Path
        As the user gave it.
    root : Path
        The folder that holds the class folders: ``path``, or a ``val`` or ``test`` folder in it.
    folders : tuple of str
        Names, of empty ones too.
    files : tuple of Path
    digests : tuple of str
        SHA-256 of each file's bytes.
    skipped : tuple of str
        Files that cannot be read, where the user asked to go on without them.
    """

    path: Path
    root: Path
    folders: tuple[str, ...]
    files: tuple[Path, ...]
    digests: tuple[str, ...]
    skipped: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over names, from which labels follow, and bytes of files."""
        checksum = hashlib.sha256()
        for file, digest in zip(self.files, self.digests, strict=True):
            checksum.update(f"{file.relative_to(self.root).as_posix()}\0{digest}\n".encode())
        return checksum.hexdigest()

    def labelled(self, head: int, names: Sequence[str] = ()) -> LabelledImages:
        """The files, each with the index of its class in a head.

        Parameters
        ----------
        head : int
            Classes of the model; WordNet ids are looked up in the label set of a head of that width.
        names : sequence of str
            Names of the model's classes in order, where it brings them.

        Raises
        ------
        InputFileError
            Folders whose names are no classes of the model.
        """
        layout, index = _index(self.root, self.folders, head, names)
        places = [file.relative_to(self.root) for file in self.files]
        labels = tuple(index[place.parts[0]] for place in places)
        return LabelledImages(self.files, labels, layout, len(set(labels)), self.skipped)


def read_class_folders(
    path: Path,
    *,
    corrupt: str = "refuse",
    threads: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> ClassFolders:
    """Find the images of a folder in ImageNet's layout, and read each once.

    Parameters
    ----------
    path : Path
        Holds a folder for each class, or a part that does: ``val`` (``validation``, ``valid``) or, without
        one, ``test`` (``testing``), in upper or lower case. In this order, since ImageNet's own test images
        have no labels.
    corrupt : str
        ``"refuse"`` names the files that cannot be read and ends; ``"skip"`` leaves them out.
    threads : int
        Images read side by side.
    on_progress : callable, optional
        Called with the count of files read and of all.

    Raises
    ------
    InputFileError
        No such folder, no class folders, no images, or corrupt ones.
    """
    check_corrupt_policy(corrupt)
    if not path.is_dir():
        raise InputFileError(f"{path}: no such folder")
    root = first_part(part_folders(path), (*VALIDATION_PARTS, *TEST_PARTS)) or path
    folders = class_folders(root)
    if not folders:
        raise no_class_folders(root)
    there = [file for folder in folders for file in image_files(folder)]
    digests: list[str | Exception] = []
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(there), READ_AT_ONCE):
            digests += pool.map(_digest_or_error, there[start : start + READ_AT_ONCE])
            if on_progress is not None:
                on_progress(len(digests), len(there))
    read = list(zip(there, digests, strict=True))
    bad = tuple(
        with_reason(file.relative_to(root).as_posix(), error) for file, error in read if not isinstance(error, str)
    )
    refuse_corrupt(root, bad, corrupt)
    files = tuple(file for file, digest in read if isinstance(digest, str))
    if not files:
        raise InputFileError(f"{root}: no images in its class folders (looked for {', '.join(SUFFIXES)})")
    kept = tuple(digest for digest in digests if isinstance(digest, str))
    return ClassFolders(path, root, tuple(folder.name for folder in folders), files, kept, bad)


def _index(root: Path, folders: Sequence[str], head: int, names: Sequence[str]) -> tuple[str, Mapping[str, int]]:
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


def _wordnet(root: Path, folders: Sequence[str], head: int) -> dict[str, int]:
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


def _digest_or_error(file: Path) -> str | Exception:
    """SHA-256 of the bytes, or what was raised where they are no image."""
    from PIL import Image

    try:
        content = file.read_bytes()
        with Image.open(io.BytesIO(content)) as opened:
            rgb_as_published(opened)
    except unreadable() as error:
        return error
    return hashlib.sha256(content).hexdigest()

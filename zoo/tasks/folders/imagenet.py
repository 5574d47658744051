"""Labelled images in ImageNet's layout: one folder a class."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from zoo.canonical import canonical_digest
from zoo.classes.order import own_order, published_order
from zoo.images.reading import read_files
from zoo.paths import composed
from zoo.tasks.folders.files import (
    SKIP,
    TEST_PARTS,
    TRAIN_PARTS,
    VALIDATION_PARTS,
    check_corrupt_policy,
    class_folders,
    count_loose,
    first_part,
    image_files,
    no_class_folders,
    no_folder,
    part_folders,
    refuse_corrupt,
    unpacked,
)
from zoo.tasks.folders.left_out import left_out_line, no_images
from zoo.tasks.health import majority_line, majority_share, repeats_line, small_line, two_classes_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zoo.classes.names import ClassNames


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
    order : str
        Where the classes may stand in another order: which was taken, and how to take the other.
    """

    files: tuple[Path, ...]
    labels: tuple[int, ...]
    layout: str
    classes: int
    skipped: tuple[str, ...] = ()
    order: str = ""


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
    trained : tuple of str
        Names of the class folders of the part to train on beside it, where there is one.
    left_out : str
        What else the folders hold, in a line.
    """

    path: Path
    root: Path
    folders: tuple[str, ...]
    files: tuple[Path, ...]
    digests: tuple[str, ...]
    skipped: tuple[str, ...]
    trained: tuple[str, ...] = ()
    left_out: str = ""

    @cached_property
    def digest(self) -> str:
        """SHA-256 over folders' names, from which labels follow, and bytes."""
        checksum = hashlib.sha256()
        for file, digest in zip(self.files, self.digests, strict=True):
            checksum.update(f"{composed(file.relative_to(self.root).parts[0])}\0{digest}\n".encode())
        return checksum.hexdigest()

    @cached_property
    def counts(self) -> dict[str, int]:
        """Images of each folder that has any."""
        return dict(Counter(composed(file.relative_to(self.root).parts[0]) for file in self.files))

    @property
    def majority(self) -> float:
        """The share of the images that are of their most frequent class."""
        return majority_share(tuple(self.counts.values()))

    def health(self) -> tuple[str, ...]:
        """What makes an accuracy on these images say less, a sentence each."""
        classes, counts = tuple(self.counts), tuple(self.counts.values())
        folders = {
            (digest, file.relative_to(self.root).parts[0])
            for file, digest in zip(self.files, self.digests, strict=True)
        }
        seen = Counter(digest for digest, _ in folders)
        lines = (
            self.left_out,
            majority_line(classes, counts),
            repeats_line(len(self.digests) - len(seen), len(self.files)),
            two_classes_line(sum(count > 1 for count in seen.values())),
            small_line("test", classes, counts),
        )
        return tuple(line for line in lines if line)

    def order_digest(self, names: ClassNames | None, *, own: bool) -> str:
        """What tells one order of the classes from another, beside the head.

        Empty where names alone say it: of published weights, and of those that bring their names.
        """
        if own:
            stated = None if names is None else names.digest
            return canonical_digest(
                [stated, *([composed(name) for name in sorted(part)] for part in (self.folders, self.trained))]
            )
        return names.digest if names is not None and names.binding else ""

    def labelled(self, head: int, names: ClassNames | None = None, *, own: bool = False) -> LabelledImages:
        """The files, each with the index of its class in a head.

        Parameters
        ----------
        head : int
            Classes of the model; WordNet ids are looked up in the label set of a head of that width.
        names : ClassNames, optional
            Of the model's classes, where they are stated.
        own : bool
            Whether the weights are a checkpoint of the user's; see :func:`zoo.classes.order.own_order`.

        Raises
        ------
        InputFileError
            Folders whose names are no classes of the model.
        """
        if own:
            order = own_order(self.root, self.folders, head, names, self.trained)
        else:
            order = published_order(self.root, self.folders, head, names)
        places = [file.relative_to(self.root) for file in self.files]
        labels = tuple(order.index[place.parts[0]] for place in places)
        return LabelledImages(self.files, labels, order.layout, len(set(labels)), self.skipped, order.said)


def read_class_folders(
    path: Path,
    *,
    corrupt: str = "refuse",
    cores: int = 1,
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
    cores : int
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
        raise no_folder(path)
    path_in = unpacked(path)
    parts = part_folders(path_in)
    root = unpacked(first_part(parts, (*VALIDATION_PARTS, *TEST_PARTS)) or path_in)
    training = first_part(parts, TRAIN_PARTS)
    folders = class_folders(root)
    if not folders:
        raise no_class_folders(root)
    left_out: Counter[str] = Counter()
    count_loose(root, left_out)
    there = [file for folder in folders for file in image_files(folder, left_out)]
    content = read_files(root, there, cores, on_progress, decode=corrupt == SKIP)
    bad = tuple(content.name_of(file, root) for file in there if not content.is_image(file))
    refuse_corrupt(root, bad, corrupt)
    whole = {file: content.files[file].sha256 for file in there if content.is_image(file)}
    if not whole:
        raise no_images(root, left_out)
    # In an order that does not depend on what the files are called.
    files = sorted(whole, key=lambda file: (composed(file.relative_to(root).parts[0]), whole[file]))
    kept = tuple(whole[file] for file in files)
    trained = () if training is None else tuple(folder.name for folder in class_folders(unpacked(training)))
    names = tuple(folder.name for folder in folders)
    return ClassFolders(path, root, names, tuple(files), kept, bad, trained, left_out_line(left_out))

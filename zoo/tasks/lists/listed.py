"""A list of image files as a task."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import InputFileError, UnknownNameError
from zoo.tasks.folders.files import LISTED, PARTS, TEST_PARTS, TRAIN_PARTS, VALIDATION_PARTS
from zoo.tasks.folders.folder import FilesTask
from zoo.tasks.folders.left_out import OTHER_PARTS, REPEATED
from zoo.tasks.folders.parts import FolderFiles
from zoo.tasks.lists.rows import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zoo.tasks.folders.parts import ByClass
    from zoo.tasks.lists.rows import Row


@dataclass(frozen=True)
class ListTask(FilesTask):
    """The task of a list, with the policy for its corrupt images."""

    noun = "list of images"

    def find(self) -> FolderFiles:
        """Files of the list, by :func:`list_files`."""
        return list_files(self.path)


def list_files(path: Path) -> FolderFiles:
    """Image files of a list to train on and to test on, each by class.

    Parameters
    ----------
    path : Path
        CSV or JSON Lines, a path, a label and perhaps a split for each image. Paths are absolute, or from the list's
        own folder. Splits are called as the parts of a folder are.

    Raises
    ------
    InputFileError
        What :func:`zoo.tasks.lists.rows.read_rows` refuses, missing files, labels that are almost the same, unknown
        splits, one image with two labels, one class, or classes to test on that none are trained on.
    """
    rows = read_rows(path)
    _check_labels(path, rows)
    splits = _splits(path, rows)
    left_out: Counter[str] = Counter()
    train: ByClass = {}
    test: ByClass = {}
    seen: dict[Path, Row] = {}
    placed: set[tuple[Path, str]] = set()
    for row, file, split in zip(rows, _found(path, rows), splits, strict=True):
        label = row.label.strip()
        before = seen.setdefault(file, row)
        if before.label.strip() != label:
            raise InputFileError(
                f"{path}: {row.path} is {before.label.strip()!r} in line {before.line} and {label!r} in line "
                f"{row.line}; keep one of them"
            )
        into = {"train": train, "test": test}.get(split)
        if into is None:
            left_out[OTHER_PARTS] += 1
        elif (file, split) in placed:
            left_out[REPEATED] += 1
        else:
            placed.add((file, split))
            into.setdefault(label, []).append(file)
    parts = dict(sorted(train.items())), dict(sorted(test.items()))
    _check_classes(path, rows, *parts)
    return FolderFiles(path.parent, parts[0], parts[1] if rows[0].split else None, left_out)


def _check_labels(path: Path, rows: Sequence[Row]) -> None:
    """Refuse labels that differ in case or spaces alone, of which nobody can tell whether they are one."""
    counts = Counter(row.label for row in rows)
    alike: dict[str, list[str]] = {}
    for label in counts:
        alike.setdefault("".join(label.split()).casefold(), []).append(label)
    pairs = [labels for labels in alike.values() if len(labels) > 1]
    if pairs:
        named = "; ".join(" and ".join(f"{label!r} ({counts[label]})" for label in pair) for pair in pairs[:LISTED])
        raise InputFileError(
            f"{path}: labels differ in case or spaces alone: {named}{'; …' * (len(pairs) > LISTED)}; write them "
            "alike where they are one class, and otherwise where they are two"
        )


def _splits(path: Path, rows: Sequence[Row]) -> list[str]:
    """``"train"``, ``"test"`` or ``""`` for each row, all to train on where the list has no splits."""
    said = [(row.split or TRAIN_PARTS[0]).strip().lower() for row in rows]
    for row, split in zip(rows, said, strict=True):
        if split not in PARTS:
            unknown = UnknownNameError("split", row.split, PARTS, f"permitted: {', '.join(PARTS)}")
            raise InputFileError(f"{path}: line {row.line}: {unknown}")
    there = set(said)
    testing = next((names for names in (TEST_PARTS, VALIDATION_PARTS) if there & set(names)), ())
    if rows[0].split and not testing:
        raise InputFileError(
            f"{path}: {said[0]} to train on, but no 'test' or 'val'; add some, or leave the splits out: a quarter of "
            "each class is then kept for the test"
        )
    if not there & set(TRAIN_PARTS):
        raise InputFileError(f"{path}: {said[0]} to test on, but no 'train' to train on")
    part = dict.fromkeys(TRAIN_PARTS, "train") | dict.fromkeys(testing, "test")
    return [part.get(split, "") for split in said]


def _check_classes(path: Path, rows: Sequence[Row], train: ByClass, test: ByClass) -> None:
    if extra := sorted(set(test) - set(train)):
        more = f" and {len(extra) - LISTED} more" if len(extra) > LISTED else ""
        raise InputFileError(
            f"{path}: classes to test on without an image to train on: {', '.join(extra[:LISTED])}{more}"
        )
    if len(train) == 1:
        raise InputFileError(f"{path}: only one class, {rows[0].label.strip()!r}; a task needs at least two")


def _found(path: Path, rows: Sequence[Row]) -> list[Path]:
    """The file of each row.

    Raises
    ------
    InputFileError
        Counts those that are missing, and names the first :data:`LISTED`.
    """
    root = str(path.parent)
    found = [next((place for place in _places(root, row.path) if os.path.isfile(place)), "") for row in rows]  # noqa: PTH113
    missing = [row for row, place in zip(rows, found, strict=True) if not place]
    if not missing:
        return [Path(place) for place in found]
    if len(rows) > 1 and [row.line for row in missing] == [rows[0].line]:
        raise InputFileError(
            f"{path}: line {rows[0].line}: {rows[0].path!r} is no file; if it is a column's name, let the first line "
            "be path,label[,split]"
        )
    names = ", ".join(dict.fromkeys(row.path for row in missing[:LISTED]))
    more = f" and {len(missing) - LISTED} more" if len(missing) > LISTED else ""
    raise InputFileError(
        f"{path}: {len(missing)} of {len(rows)} images are missing: {names}{more}; paths are absolute or from {root}"
    )


def _places(root: str, name: str) -> Iterator[str]:
    """Where the file of a row may be.

    As it is written, and as other systems write it: blanks around, backslashes, and accents apart or not.
    """
    yield os.path.join(root, name)  # noqa: PTH118 - a hundred thousand of them
    plain = name.strip()
    for one in dict.fromkeys((plain, plain.replace("\\", "/"))):
        for form in ("NFC", "NFD"):
            yield os.path.join(root, os.path.expanduser(unicodedata.normalize(form, one)))  # noqa: PTH118, PTH111

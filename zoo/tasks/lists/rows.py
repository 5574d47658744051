"""Rows of a list of images, as CSV or as JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import InputFileError
from zoo.paths import composed
from zoo.textfile import decoded, read_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

PACKED = (".gz", ".bz2", ".xz")
ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson")
"""What a list's name ends in, before the ending of what packed it."""

NAMES = {
    "path": ("path", "file", "filename", "filepath", "image", "imagepath", "imagefile", "img", "imgpath"),
    "label": ("label", "class", "target", "category", "classname", "labelname"),
    "split": ("split", "part", "set", "subset", "partition"),
}
"""What columns are called, in lower case and without what stands between words."""

SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One image of a list, as it is written there.

    Attributes
    ----------
    line : int
    path, label : str
    split : str or None
        None where the list has no such column.
    """

    line: int
    path: str
    label: str
    split: str | None


def is_list(path: Path) -> bool:
    """Whether a file's name is that of a list."""
    name = path.name.lower()
    packed = next((ending for ending in PACKED if name.endswith(ending)), "")
    return name.removesuffix(packed).endswith(ENDINGS)


def read_rows(path: Path) -> list[Row]:
    """Every row of a list, of JSON Lines where it begins with ``{``.

    Raises
    ------
    InputFileError
        No text, no columns that name path and label, no rows, an empty path or label, a split in some rows alone.
    """
    text = decoded(read_content(path))
    if text is None:
        raise InputFileError(f"{path}: no text in UTF-8 or UTF-16; save it as UTF-8")
    rows = list(_of_json(path, text) if text.lstrip().startswith("{") else _of_csv(path, text))
    if not rows:
        raise InputFileError(f"{path}: no rows; write path,label for each image")
    for row in rows:
        if not row.path or not row.label.strip():
            raise InputFileError(f"{path}: line {row.line}: no {'label' if row.path else 'path'}; fill it in")
    splits = [row.split for row in rows]
    if any(splits) and not all(splits):
        row = next(row for row in rows if not row.split)
        raise InputFileError(f"{path}: line {row.line}: no split, where other lines have one; fill it in")
    return rows


def _key(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _columns(names: Iterable[str]) -> dict[str, str]:
    """The first of some names for each column, by what the column is."""
    found: dict[str, str] = {}
    for name in names:
        for kind, known in NAMES.items():
            if _key(name) in known:
                found.setdefault(kind, name)
    return found


def _of_csv(path: Path, text: str) -> Iterator[Row]:
    lines = list(_lines(path, text))
    if not lines:
        return
    (first, head), *rest = lines
    named = _columns(head)
    place: dict[str, int | None]
    if {"path", "label"} <= named.keys():
        place = {kind: head.index(named[kind]) if kind in named else None for kind in NAMES}
        width = 1 + max(column for column in place.values() if column is not None)
    elif len(head) in (2, 3) and (not named or (path.parent / head[0].strip()).is_file()):
        place, width, rest = {"path": 0, "label": 1, "split": 2 if len(head) == 3 else None}, len(head), lines
    else:
        columns = ", ".join(repr(name) for name in head[:4]) + (", …" if len(head) > 4 else "")
        raise InputFileError(
            f"{path}: line {first}: columns {columns} name no path and label; let the first line be "
            "path,label[,split]"
        )
    for line, cells in rest:
        if len(cells) < width:
            raise InputFileError(f"{path}: line {line}: {_columns_said(len(cells))}, where {width} are needed")
        yield _row(line, {kind: None if at is None else cells[at] for kind, at in place.items()})


def _columns_said(count: int) -> str:
    return f"{count} column{'s' * (count != 1)}"


def _lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that is not empty."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=head.count)
    if head and separator not in head:
        raise InputFileError(f"{path}: one column; write path,label[,split] with a comma, semicolon or tab between")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise InputFileError(f"{path}: line {reader.line_num}: no CSV: {error}") from None


def _of_json(path: Path, text: str) -> Iterator[Row]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            values = json.loads(content)
        except ValueError:
            raise InputFileError(f"{path}: line {line}: no JSON; write one object a line") from None
        named = _columns(values) if isinstance(values, dict) else {}
        if not {"path", "label"} <= named.keys():
            raise InputFileError(f"{path}: line {line}: no object with a path and a label")

        found = {kind: values[name] for kind, name in named.items()}
        if isinstance(found["label"], int) and not isinstance(found["label"], bool):
            found["label"] = str(found["label"])
        yield _row(line, {kind: value if isinstance(value, str) else None for kind, value in found.items()})


def _row(line: int, values: Mapping[str, str | None]) -> Row:
    return Row(line, values["path"] or "", composed(values["label"] or ""), values.get("split"))

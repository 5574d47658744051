"""Tables as timm publishes them, a row at a time."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import InputFileError, ZooError
from zoo.registry.catalogue import entries, today_name
from zoo.registry.spelling import read_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from zoo.canonical import JsonObject
    from zoo.sources.naming import ModelName


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table, with the model that it means.

    Attributes
    ----------
    line : int
    written : str
        The name as it stands there.
    model : str or None
        ``timm/architecture``, None where the registry has none of that name.
    tag : str or None
        None where the name has none and the model several, or where the registry lacks it.
    renamed : str
        ``old is today's``, where the registry has the model under another name.
    values : mapping
        Text of the row by column.
    """

    line: int
    written: str
    model: str | None
    tag: str | None
    renamed: str
    values: Mapping[str, str | None]

    def number(self, column: str) -> float:
        """The number in a column, NaN where there is none.

        Commas stand between thousands.
        """
        try:
            return float((self.values.get(column) or "").replace(",", ""))
        except ValueError:
            return math.nan


def open_table(path: Path, text: str) -> tuple[list[str], Iterator[Row]]:
    """Columns of a table, and its rows, which are read as they are asked for.

    Parameters
    ----------
    path : Path
        For the errors.
    text : str
        All of it.

    Raises
    ------
    InputFileError
        Where it is no CSV; by the rows, too.
    """
    body = text.lstrip("\r\n")
    blank = text[: len(text) - len(body)].count("\n")
    reader = csv.DictReader(io.StringIO(body))
    try:
        columns = [column for column in reader.fieldnames or () if column]
    except csv.Error as error:
        raise InputFileError(f"{path}, line 1: no CSV ({error})") from None
    return columns, _rows(path, reader, blank)


def _rows(path: Path, reader: csv.DictReader[str], blank: int) -> Iterator[Row]:
    try:
        for values in reader:
            yield _row(values, blank + reader.line_num)
    except csv.Error as error:
        raise InputFileError(f"{path}, line {reader.line_num + 1}: no CSV ({error})") from None


def _row(values: JsonObject, line: int) -> Row:
    text = values.get("model") or ""
    try:
        written = read_name(text, entries())
    except ZooError:
        return Row(line, text, None, None, "", values)
    current = None if f"timm/{written.architecture}" in entries() else today_name(written)
    model, tag = _known(current or written)
    renamed = f"{written} is {current}" if model and current is not None else ""
    return Row(line, text, model, tag, renamed, values)


def _known(name: ModelName) -> tuple[str | None, str | None]:
    """``timm/architecture`` and tag, as far as the registry has them.

    A name without a tag means the only one.
    """
    full = f"timm/{name.architecture}"
    entry = entries().get(full)
    if entry is None or name.source not in (None, "timm"):
        return None, None
    tags = list(entry.tags)
    tag = name.tag or (tags[0] if len(tags) == 1 else None)
    return full, tag if tag in tags else None

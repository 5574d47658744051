"""Formats for programs: one whole document of rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from zoo.formats.base import Format
from zoo.results.frame import TidyRows
from zoo.results.spreadsheet import csv_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoo.canonical import Json
    from zoo.formats.table import Table
    from zoo.results.view import Results


def _csv_table(table: Table) -> str:
    """A line a row; what a program reads as a list stands in one cell."""
    if not table.data:
        return "".join(csv_pieces(table.headers, table.rows)).rstrip("\n")
    rows = [dict(_flat(row)) for row in table.data]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return "".join(csv_pieces(columns, ([row.get(name) for name in columns] for row in rows))).rstrip("\n")


def _flat(row: Mapping[str, Json], before: str = "") -> Iterator[tuple[str, str | int | float | None]]:
    """Cells of a row by column; those of an object in it are columns of their own."""
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif value is None or isinstance(value, str | int | float):
            yield before + name, value
        else:
            sizes = all(isinstance(one, int) for one in value)
            yield before + name, ("x" if sizes else " ").join(map(str, value))


def _json_table(table: Table) -> str:
    """A list of objects, a row each."""
    return json.dumps(
        list(table.data) or [dict(zip(table.headers, row, strict=True)) for row in table.rows], indent=2
    )


def _csv_rows(results: Results) -> str:
    rows = TidyRows(results.records)
    return "".join(csv_pieces(rows.columns, (row.values() for row in rows))).rstrip("\n")


def _json_rows(results: Results) -> str:
    return json.dumps(list(TidyRows(results.records)), indent=2, allow_nan=False)


CSV = Format(table=_csv_table, rows=_csv_rows)

JSON = Format(table=_json_table, rows=_json_rows)

"""Formats for programs: one whole document of rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from zoo.report.formats.base import Format
from zoo.results.frame import TidyRows
from zoo.results.spreadsheet import csv_pieces

if TYPE_CHECKING:
    from zoo.report.table import Table
    from zoo.results.view import Results


def _csv_table(table: Table) -> str:
    """A line a row; what a program reads as a list stands in one cell."""
    if not table.data:
        return "".join(csv_pieces(table.headers, table.rows)).rstrip("\n")
    rows = (map(_cell, row.values()) for row in table.data)
    return "".join(csv_pieces(list(table.data[0]), rows)).rstrip("\n")


def _cell(value: object) -> str | int | float | None:
    if value is None or isinstance(value, str | int | float):
        return value
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else json.dumps(value)


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

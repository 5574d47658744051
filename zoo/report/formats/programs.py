"""Formats for programs: one whole document of rows."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from zoo.report.formats.base import Format

if TYPE_CHECKING:
    from zoo.report.table import Table
    from zoo.results.view import Results


def _csv_table(table: Table) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([table.headers, *table.rows])
    return text.getvalue().rstrip("\n")


def _json_table(table: Table) -> str:
    """A list of objects, a row each."""
    return json.dumps([dict(zip(table.headers, row, strict=True)) for row in table.rows], indent=2)


def _csv_rows(results: Results) -> str:
    return results.to_frame().to_csv(index=False).rstrip("\n")


def _json_rows(results: Results) -> str:
    return str(results.to_frame().to_json(orient="records", indent=2, double_precision=15))


CSV = Format(table=_csv_table, rows=_csv_rows)

JSON = Format(table=_json_table, rows=_json_rows)

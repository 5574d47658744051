"""Rows as CSV that a spreadsheet opens without running any of it."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Cell = str | int | float | None

FORMULA = re.compile(r"[=+\-@\t\r\n]")
"""With what a cell begins that a spreadsheet computes instead of shows (OWASP, CSV injection)."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?")

HALVES = re.compile("[\ud800-\udfff]")


def defused(cell: Cell) -> Cell:
    """A cell that is shown, never computed.

    Text like a formula gets an apostrophe before it, and ends of lines are all of one kind.
    Numbers stay numbers, those that are written as text too.
    """
    if not isinstance(cell, str):
        return cell
    text = HALVES.sub("\N{REPLACEMENT CHARACTER}", cell.replace("\r\n", "\n").replace("\r", "\n"))
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def csv_pieces(header: Sequence[str], rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """CSV in pieces of some lines, each with its end, the header first."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(map(defused, header))
    for row in rows:
        writer.writerow(map(defused, row))
        if held.tell() > AT_ONCE:
            yield held.getvalue()
            held.seek(0)
            held.truncate()
    yield held.getvalue()


AT_ONCE = 1 << 20
"""Characters that are held before they are handed on."""

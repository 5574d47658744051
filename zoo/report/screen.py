"""A table on a terminal: as wide as it needs, and never wider than a hundred columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.report.tables import Table

WIDTH = 100

NARROWEST = 12
"""Columns of text are wrapped down to this many characters, where nothing else makes a table fit."""

GAP = 2
"""Blanks that tabulate's simple format sets between columns."""


def screen_body(table: Table, align: Sequence[str]) -> str:
    """Header and rows as text, the first of these that fits: plain, intervals under their values, words wrapped."""
    rows = [[_without_source(table, row), *row[1:]] for row in table.rows]
    body = _draw(rows, table.headers, 14, align)
    if _width(body) <= WIDTH:
        return body
    rows = [[row[0], *(cell.replace(" [", "\n[").replace("] (", "]\n(") for cell in row[1:])] for row in rows]
    for header_width in (14, 10, 8):
        body = _draw(rows, table.headers, header_width, align)
        if _width(body) <= WIDTH:
            return body
    return _draw(_wrapped(rows), table.headers, 8, align)


def _draw(rows: list[list[str]], headers: Sequence[str], header_width: int, align: Sequence[str]) -> str:
    from tabulate import tabulate

    # The header is the first row here: as a header, tabulate would set two more blanks beside each.
    titles = [textwrap.fill(header, header_width, break_long_words=False) for header in headers]
    lines = tabulate([titles, *rows], tablefmt="plain", disable_numparse=True, colalign=align).splitlines()
    depth = max(title.count("\n") for title in titles) + 1
    columns = [
        max(len(line) for row in (titles, *rows) for line in row[i].splitlines() or [""]) for i in range(len(titles))
    ]
    rule = (" " * GAP).join("-" * width for width in columns)
    return "\n".join([*(line.rstrip() for line in lines[:depth]), rule, *(line.rstrip() for line in lines[depth:])])


def _width(body: str) -> int:
    return max(map(len, body.splitlines()))


def _wrapped(rows: list[list[str]]) -> list[list[str]]:
    """Cells wrapped, the widest column first, until the sum of the columns fits."""
    widths = [
        max(len(line) for cell in column for line in cell.splitlines() or [""]) for column in zip(*rows, strict=True)
    ]
    room = WIDTH - GAP * (len(widths) - 1)
    while sum(widths) > room and max(widths) > NARROWEST:
        widest = widths.index(max(widths))
        second = max([width for i, width in enumerate(widths) if i != widest], default=NARROWEST)
        widths[widest] = max(widths[widest] - (sum(widths) - room), min(second, widths[widest] - 1), NARROWEST)
    return [
        [
            "\n".join(part for line in cell.splitlines() or [""] for part in textwrap.wrap(line, width) or [""])
            for cell, width in zip(row, widths, strict=True)
        ]
        for row in rows
    ]


def _without_source(table: Table, row: Sequence[str]) -> str:
    """The first cell, less the source of a model's name where every row has the same one."""
    sources = {other[0].partition("/")[0] for other in table.rows} - {"control"}
    return row[0].partition("/")[2] if len(sources) == 1 and "/" in row[0] else row[0]

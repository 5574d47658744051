"""Tables and pages on a terminal, never wider than a hundred columns."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.report.blocks import Code, Details, Figure, Heading, Text
from zoo.report.formats.base import Format
from zoo.report.formats.escaping import visible
from zoo.report.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.report.blocks import Block


WIDTH = 100

NARROWEST = 12
"""Columns of text are wrapped down to this many characters, where nothing else makes a table fit."""

GAP = 2
"""Blanks that tabulate's simple format sets between columns."""


def screen_table(table: Table) -> str:
    """Title, aligned columns and caption.

    A table that is too wide with its spare columns goes without them.
    """
    table = replace(
        table,
        title=visible(table.title),
        caption=visible(table.caption),
        headers=tuple(map(visible, table.headers)),
        rows=tuple(tuple(map(visible, row)) for row in table.rows),
    )
    body = _body(table, table.alignment, fits_only=bool(table.spare))
    if not body:
        return screen_table(table.without_spare())
    caption = textwrap.fill(table.whole_caption, WIDTH)
    return "\n".join(part for part in (table.title, body, caption) if part)


def screen_page(blocks: Sequence[Block]) -> str:
    """Blocks one below the other.

    A table brings its title along, so a heading that says the same is left out.
    """
    parts = []
    for place, block in enumerate(blocks):
        under = blocks[place + 1] if place + 1 < len(blocks) else None
        if not (isinstance(block, Heading) and isinstance(under, Table) and under.title == block.text):
            parts.append(_written(block))
    return "\n\n".join(parts)


def _written(block: Block) -> str:
    if isinstance(block, Table):
        return screen_table(block)
    if isinstance(block, Heading | Code):
        return block.text
    if isinstance(block, Figure):
        return textwrap.fill(f"[{block.alt}: {block.name}.svg]", WIDTH)
    if isinstance(block, Details):
        return f"{block.summary}\n\n{screen_page(block.blocks)}"
    return _lines(block)


def _lines(text: Text) -> str:
    lines = [visible(line).replace("**", "") for line in text.lines]
    mark = "- " if text.listed else ""
    return "\n".join(textwrap.fill(mark + line, WIDTH, subsequent_indent=" " * len(mark)) for line in lines)


def _body(table: Table, align: Sequence[str], *, fits_only: bool = False) -> str:
    """Header and rows as text, in the widest of three ways that fits.

    Plain, with intervals under their values, or with words wrapped, instead of which ``fits_only`` gives nothing.
    """
    rows = [[_without_source(table, row), *row[1:]] for row in table.rows]
    body = _draw(rows, table.headers, 14, align)
    if _longest(body) <= WIDTH:
        return body
    rows = [[row[0], *(cell.replace(" [", "\n[").replace("] (", "]\n(") for cell in row[1:])] for row in rows]
    for header_width in (14, 10, 8):
        body = _draw(rows, table.headers, header_width, align)
        if _longest(body) <= WIDTH:
            return body
    if fits_only:
        return ""
    return _draw(_wrapped(rows, table.headers, header_width), table.headers, header_width, align)


def _draw(rows: list[list[str]], headers: Sequence[str], header_width: int, align: Sequence[str]) -> str:
    from tabulate import tabulate

    # The header is the first row here: as a header, tabulate would set two more blanks beside each.
    titles = [textwrap.fill(header, header_width, break_long_words=False) for header in headers]
    lines = tabulate([titles, *rows], tablefmt="plain", disable_numparse=True, colalign=align).splitlines()
    depth = max(title.count("\n") for title in titles) + 1
    columns = [max(map(_longest, column)) for column in zip(titles, *rows, strict=True)]
    rule = (" " * GAP).join("-" * width for width in columns)
    return "\n".join([*(line.rstrip() for line in lines[:depth]), rule, *(line.rstrip() for line in lines[depth:])])


def _wrapped(rows: list[list[str]], headers: Sequence[str], header_width: int) -> list[list[str]]:
    """Cells wrapped, the widest column first, until the columns fit.

    None is made narrower than its header.
    """
    titles = [_longest(textwrap.fill(header, header_width, break_long_words=False)) for header in headers]
    widths = [max(title, *map(_longest, cells)) for title, cells in zip(titles, zip(*rows, strict=True), strict=True)]
    excess = sum(widths) + GAP * (len(widths) - 1) - WIDTH
    while excess > 0:
        # The widest gives way until it is as narrow as the next, then both do.
        place = max(range(len(widths)), key=lambda i: widths[i] if widths[i] > max(NARROWEST, titles[i]) else 0)
        if widths[place] <= max(NARROWEST, titles[place]):
            break
        widths[place] -= 1
        excess -= 1
    return [["\n".join(_fill(cell, width)) for cell, width in zip(row, widths, strict=True)] for row in rows]


def _fill(cell: str, width: int) -> list[str]:
    return [part for line in cell.splitlines() or [""] for part in textwrap.wrap(line, width) or [""]]


def _longest(text: str) -> int:
    return max(map(len, text.splitlines() or [""]))


def _without_source(table: Table, row: Sequence[str]) -> str:
    """The first cell, less the source where all are of what bare names mean."""
    sources = {other[0].partition("/")[0] for other in table.rows} - {"control"}
    return row[0].partition("/")[2] if sources == {"torchvision"} else row[0]


SCREEN = Format(table=screen_table, blocks=screen_page)

"""Tables and pages on a terminal, as wide as it is."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from zoo import terminal
from zoo.formats.base import Format
from zoo.formats.blocks import Code, Details, Figure, Heading, Text
from zoo.formats.escaping import copyable, visible
from zoo.formats.table import Table
from zoo.terminal import WIDTH, cells
from zoo.terminal import shown as in_letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.formats.blocks import Block

    Rows = Sequence[Sequence[str]]


NARROWEST = 12
"""Columns of text are wrapped down to this many characters, where nothing else makes a table fit."""

HEADER_WIDTHS = (WIDTH * 2, 40, 30, 24, 20, 17, 14)
"""Characters at which headers are wrapped, of which the first is taken that makes a table fit."""

TIGHT_WIDTHS = (10, 8)
"""The same where intervals stand under their values already."""

GAP = 2
"""Blanks between columns."""


def screen_table(table: Table) -> str:
    """Title, aligned columns and caption.

    A table that is too wide with its spare columns goes without them, and one that is too wide even with its words
    wrapped is written row by row, a line for each cell.
    """
    width = terminal.width()
    table = _in_letters(table)
    body = _body(table, width, fits_only=bool(table.spare))
    if not body:
        return screen_table(table.without_spare())
    parts = (_filled(table.title, width), body, _filled(table.whole_caption, width))
    return "\n".join(part for part in parts if part)


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
    if isinstance(block, Code):
        return copyable(block.text)
    if isinstance(block, Heading):
        return _filled(_shown(block.text), terminal.width())
    if isinstance(block, Figure):
        return _filled(_shown(f"[{block.alt}: {block.name}.svg]"), terminal.width())
    if isinstance(block, Details):
        return f"{_shown(block.summary)}\n\n{screen_page(block.blocks)}"
    return _lines(block)


def _lines(text: Text) -> str:
    mark = "- " if text.listed else ""
    lines = [_shown(mark + line.replace("**", "")) for line in text.lines]
    return "\n".join(_filled(line, terminal.width(), " " * len(mark)) for line in lines)


def _shown(text: str) -> str:
    """A text in one line, in the letters that the terminal can show."""
    return in_letters(visible(text))


def _in_letters(table: Table) -> Table:
    """The table in letters that the terminal can show, so that its columns are as wide as they will be."""
    rows = tuple(tuple(map(_shown, row)) for row in table.rows)
    headers, spare = tuple(map(_shown, table.headers)), tuple(map(_shown, table.spare))
    title, caption, note = map(_shown, (table.title, table.caption, table.spare_note))
    return replace(table, title=title, caption=caption, headers=headers, rows=rows, spare=spare, spare_note=note)


def _body(table: Table, width: int, *, fits_only: bool = False) -> str:
    """Header and rows as text, in the first of four ways that fits.

    Plain, with intervals under their values, with words wrapped, or row by row; with ``fits_only`` nothing instead
    of the last two.
    """
    plain = [[_without_source(table, row), *row[1:]] for row in table.rows]
    under = [[row[0], *(cell.replace(" [", "\n[").replace("] (", "]\n(") for cell in row[1:])] for row in plain]
    for rows, header_widths in ((plain, HEADER_WIDTHS), (under, (*HEADER_WIDTHS, *TIGHT_WIDTHS))):
        wide = [max(map(_longest, column)) for column in zip(*rows, strict=True)] or [0] * len(table.headers)
        for header_width in header_widths:
            titles = [_wrapped_header(header, header_width) for header in table.headers]
            if _whole(map(max, map(_longest, titles), wide)) <= width:
                return _draw(rows, titles, table.alignment)
    if fits_only:
        return ""
    wrapped = _wrapped(under, titles, width)
    return _stacked(plain, table.headers, width) if wrapped is None else _draw(wrapped, titles, table.alignment)


def _wrapped_header(header: str, width: int) -> str:
    return "\n".join(textwrap.wrap(header, width, break_long_words=False)) or header


def _whole(widths: map[int] | Sequence[int]) -> int:
    """Columns of a line of cells that wide."""
    listed = list(widths)
    return sum(listed) + GAP * (len(listed) - 1)


def _draw(rows: Rows, titles: Sequence[str], align: Sequence[str]) -> str:
    widths = [max(map(_longest, column)) for column in zip(titles, *rows, strict=True)]
    rule = (" " * GAP).join("-" * width for width in widths)
    drawn = [_row(titles, widths, align), rule, *(_row(row, widths, align) for row in rows)]
    return "\n".join(drawn)


def _row(row: Sequence[str], widths: Sequence[int], align: Sequence[str]) -> str:
    """A row of cells, of which some are several lines."""
    columns = [cell.split("\n") for cell in row]
    depth = max(map(len, columns))
    lines = []
    for place in range(depth):
        parts = [column[place] if place < len(column) else "" for column in columns]
        pads = [" " * (width - cells(part)) for part, width in zip(parts, widths, strict=True)]
        aligned = zip(parts, pads, align, strict=True)
        lines.append((" " * GAP).join(pad + part if side == "right" else part + pad for part, pad, side in aligned))
    return "\n".join(line.rstrip() for line in lines)


def _wrapped(rows: Rows, titles: Sequence[str], width: int) -> Rows | None:
    """Cells wrapped, the widest column first, until the columns fit; None where they do not.

    None is made narrower than its header, and the first is left whole as long as another can give way.
    """
    least = [max(NARROWEST, _longest(title)) for title in titles]
    widths = [
        max(_longest(title), *map(_longest, column))
        for title, column in zip(titles, zip(*rows, strict=True), strict=True)
    ]
    excess = _whole(widths) - width
    while excess > 0:
        # The widest gives way until it is as narrow as the next, then both do.
        giving = [place for place, wide in enumerate(widths) if wide > least[place]]
        if not giving:
            return None
        widths[max(giving, key=lambda place: (widths[place], place))] -= 1
        excess -= 1
    return [["\n".join(_fill(cell, wide)) for cell, wide in zip(row, widths, strict=True)] for row in rows]


def _stacked(rows: Rows, headers: Sequence[str], width: int) -> str:
    """Rows one below the other: the first cell, and under it a line for each other with its header."""
    blocks = []
    for first, *others in rows:
        lines = [_filled(first, width)]
        told = zip(headers[1:], others, strict=True)
        lines += [_filled(f"  {header}: {' '.join(cell.split())}", width, "    ") for header, cell in told if cell]
        blocks.append("\n".join(lines))
    return "\n".join(["-" * min(width, WIDTH), *blocks]) if blocks else _filled(", ".join(headers), width)


def _fill(cell: str, width: int) -> list[str]:
    return [part for line in cell.splitlines() or [""] for part in _pieces(line, width)]


def _filled(text: str, width: int, indent: str = "") -> str:
    """A text in lines no wider than that; a word that is longer goes on in the next."""
    return "\n".join(_pieces(text, width, indent)) if text else ""


def _pieces(line: str, width: int, indent: str = "") -> list[str]:
    """Parts of a line, none wider than that, wide letters counted as two."""
    narrow = width
    while True:
        room = narrow - len(indent)
        found = textwrap.wrap(_broken(line, room), narrow, subsequent_indent=indent, break_on_hyphens=False)
        if narrow <= len(indent) + 2 or max(map(cells, found), default=0) <= width:
            return found or [""]
        narrow -= 1


def _broken(line: str, width: int) -> str:
    """A line whose words that are wider than that may be broken where a name is.

    Such a name goes on in a new line rather than behind a word.
    """
    return " ".join(" ".join(_parts_of(word, width)) if len(word) > width else word for word in line.split(" "))


def _parts_of(word: str, width: int) -> list[str]:
    """A word in parts no wider than that, each as long as it can be, ended by what parts a name."""
    found, rest = [], word
    while len(rest) > width:
        cut = max((rest.rfind(sign, 1, width) + 1 for sign in "_-./"), default=0)
        cut = cut if cut > width // 2 else width
        found.append(rest[:cut])
        rest = rest[cut:]
    return [*found, rest]


def _longest(text: str) -> int:
    return max(map(cells, text.split("\n")))


def _without_source(table: Table, row: Sequence[str]) -> str:
    """The first cell, less the source where all are of what bare names mean."""
    sources = {other[0].partition("/")[0] for other in table.rows} - {"control"}
    return row[0].partition("/")[2] if sources == {"torchvision"} else row[0]


SCREEN = Format(table=screen_table, blocks=screen_page)

"""Tables and pages as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from zoo.formats.base import Format
from zoo.formats.blocks import Code, Details, Figure, Heading, Text
from zoo.formats.escaping import copyable, escaped, escaped_html, fence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.formats.blocks import Block
    from zoo.formats.table import Table


def markdown_table(table: Table) -> str:
    """A table with its caption, without a heading."""
    from tabulate import tabulate

    headers, *rows = ([escaped(cell, cell=True) for cell in row] for row in (table.headers, *table.rows))
    body = tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True, colalign=table.alignment)
    return f"{body}\n\n*{escaped(table.whole_caption)}*" if table.whole_caption else body


def markdown_page(blocks: Sequence[Block]) -> str:
    """A page, its figures as links to their SVG files beside it."""
    lines = _joined(blocks).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _joined(blocks: Sequence[Block]) -> str:
    return "\n\n".join(map(_written, blocks))


def _written(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {escaped(block.text)}"
    if isinstance(block, Text):
        mark = "- " if block.listed else ""
        return "\n".join(mark + escaped(line) for line in block.lines)
    if isinstance(block, Code):
        around = fence(block.text)
        return f"{around}\n{copyable(block.text)}\n{around}"
    if isinstance(block, Figure):
        alt = escaped(block.alt.replace("[", "(").replace("]", ")"))
        image = f"![{alt}]({quote(block.name)}.svg)"
        return f"{image}\n\n{escaped(block.caption)}" if block.caption else image
    if isinstance(block, Details):
        return f"<details><summary>{escaped_html(block.summary)}</summary>\n\n{_joined(block.blocks)}\n\n</details>"
    return markdown_table(block)


MARKDOWN = Format(table=markdown_table, blocks=markdown_page, file="README.md")

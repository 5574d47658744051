"""Tables and pages as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.report.blocks import Code, Details, Figure, Heading, Text
from zoo.report.formats.base import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.report.blocks import Block
    from zoo.report.table import Table


def markdown_table(table: Table) -> str:
    """A table with its caption, without a heading."""
    from tabulate import tabulate

    body = tabulate(
        table.rows, headers=table.headers, tablefmt="github", disable_numparse=True, colalign=table.alignment
    )
    return f"{body}\n\n*{table.whole_caption}*" if table.whole_caption else body


def markdown_page(blocks: Sequence[Block]) -> str:
    """A page, its figures as links to their SVG files beside it."""
    lines = _joined(blocks).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()


def _joined(blocks: Sequence[Block]) -> str:
    return "\n\n".join(map(_written, blocks))


def _written(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {block.text}"
    if isinstance(block, Text):
        return "\n".join(f"- {line}" for line in block.lines) if block.listed else "\n".join(block.lines)
    if isinstance(block, Code):
        return f"```\n{block.text}\n```"
    if isinstance(block, Figure):
        image = f"![{block.alt}]({block.name}.svg)"
        return f"{image}\n\n{block.caption}" if block.caption else image
    if isinstance(block, Details):
        return f"<details><summary>{block.summary}</summary>\n\n{_joined(block.blocks)}\n\n</details>"
    return markdown_table(block)


MARKDOWN = Format(table=markdown_table, blocks=markdown_page, file="README.md")

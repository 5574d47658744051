"""Formats of tables and pages by name, one module each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo import plugins
from zoo.errors import ZooError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.formats.base import Format
    from zoo.formats.blocks import Block
    from zoo.formats.table import Table

FORMATS: plugins.Table[Format] = plugins.Table(
    "format",
    {
        "table": "zoo.formats.screen:SCREEN",
        "json": "zoo.formats.programs:JSON",
        "csv": "zoo.formats.programs:CSV",
        "md": "zoo.formats.markdown:MARKDOWN",
        "latex": "zoo.formats.latex:LATEX",
    },
    "zoo.formats",
)
"""Every format by the name that ``--format`` takes."""


def render(table: Table, form: str = "table") -> str:
    """A table as text.

    Parameters
    ----------
    table : Table
    form : str
        ``"table"`` (title, aligned columns, caption; at most 100 columns wide), ``"md"``, ``"csv"``,
        ``"json"`` (a list of objects), or a format of another package.

    Raises
    ------
    UnknownNameError
        For another format, with the nearest names.
    """
    return FORMATS.get(form).table(table)


def page(blocks: Sequence[Block], form: str) -> str:
    """Blocks as text, without a line's end after the last.

    Raises
    ------
    UnknownNameError
        For another format, with the nearest names.
    ZooError
        For a format that writes rows for programs, and no pages.
    """
    write = FORMATS.get(form).blocks
    if write is None:
        raise ZooError(f"the format {form!r} is of tables, not of pages; 'md' gives a page")
    return write(blocks)

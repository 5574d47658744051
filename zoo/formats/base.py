"""What a format of tables and pages is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zoo.formats.blocks import Block
    from zoo.formats.table import Table
    from zoo.results.view import Results


@dataclass(frozen=True)
class Format:
    """One way to write tables, pages and results as text.

    Attributes
    ----------
    table : callable
        Writes a table that stands alone.
    blocks : callable or None
        Writes the blocks of a page, without a line's end after the last; None of a format for programs.
    rows : callable or None
        Writes results with full precision, one row for each metric of each record.
    file : str
        Name of the page in a report's folder; empty where a report has none in this format.
    """

    table: Callable[[Table], str]
    blocks: Callable[[Sequence[Block]], str] | None = None
    rows: Callable[[Results], str] | None = None
    file: str = ""

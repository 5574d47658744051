"""What a command prints of results: tables for people, rows for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.formats import FORMATS, page
from zoo.formats.blocks import Heading
from zoo.report.sections import in_order

if TYPE_CHECKING:
    from zoo.formats.blocks import Block
    from zoo.results.view import Results


def printed(results: Results, form: str = "table") -> str:
    """The tables that the sections of a report print, as text.

    Parameters
    ----------
    results : Results
    form : str
        ``"table"`` and ``"md"`` give the tables of a report; ``"csv"`` and ``"json"`` one row for each metric
        of each record (the columns of :meth:`zoo.results.view.Results.to_frame`), as one document.

    Raises
    ------
    UnknownNameError
        For another format.
    """
    rows = FORMATS.get(form).rows
    if rows is not None:
        return rows(results)
    return page(printed_blocks(results), form)


def printed_blocks(results: Results) -> list[Block]:
    """The same tables, each under its title, in no format yet."""
    tables = [table for section in in_order() if section.printed is not None for table in section.printed(results)]
    return [block for table in tables for block in (Heading(table.title, 3), table)]

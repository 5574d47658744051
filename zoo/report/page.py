"""The report: a folder of pages, figures and every number as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import InputFileError
from zoo.figures.style import write_figure
from zoo.formats import FORMATS, page
from zoo.formats.blocks import Heading, Text, figures_of
from zoo.report.sections import in_order
from zoo.results.frame import TidyRows
from zoo.results.spreadsheet import csv_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zoo.formats.blocks import Block
    from zoo.report.sections.base import Context
    from zoo.results.view import Results


def write_report(blocks: Sequence[Block], results: Results, folder: Path) -> list[Path]:
    """Write blocks as pages with their figures, and ``results.csv``.

    Nothing else in the folder is touched.

    Parameters
    ----------
    blocks : sequence of Block
        The whole page, as :func:`page_blocks` makes it.
    results : Results
        What every number is taken from.
    folder : Path
        Made where it is not there.

    Returns
    -------
    list of Path
        Every file written, the page first.

    Raises
    ------
    InputFileError
        Where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _write(blocks, results, folder)
    except OSError as error:
        raise InputFileError(f"{error.filename or folder}: cannot write the report: {error.strerror}") from None


def _write(blocks: Sequence[Block], results: Results, folder: Path) -> list[Path]:
    figures = [path for figure in figures_of(blocks) for path in write_figure(figure.chart(), folder / figure.name)]
    pages = []
    for form in FORMATS.values():
        if form.blocks is not None and form.file:
            path = folder / form.file
            path.write_text(form.blocks(blocks) + "\n", encoding="utf-8")
            pages.append(path)
    numbers = folder / "results.csv"
    rows = TidyRows(results.records)
    with numbers.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_pieces(rows.columns, (row.values() for row in rows)))
    return [*pages, numbers, *figures]


def page_text(context: Context) -> str:
    """The page of :func:`write_report` as text."""
    return page(page_blocks(context), "md") + "\n"


def page_blocks(context: Context) -> list[Block]:
    """The whole page, section by section, in no format yet."""
    blocks: list[Block] = [Heading(context.title, 1)]
    if context.verdict:
        blocks.append(Text((context.verdict,)))
    for section in in_order():
        built = section.build(context)
        if built:
            blocks += [Heading(section.heading(context)), *built]
    return blocks

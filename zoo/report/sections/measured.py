"""The section of what was measured, table by table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.formats.blocks import Heading, Text
from zoo.report.sections.accuracies import transfer_tables
from zoo.report.sections.base import Section
from zoo.report.sections.costs import cost_tables
from zoo.report.sections.evaluations import evaluation_tables
from zoo.report.sections.missing import missing_text

if TYPE_CHECKING:
    from zoo.formats.blocks import Block
    from zoo.formats.table import Table
    from zoo.report.sections.base import Context
    from zoo.results.view import Results


def _build(context: Context) -> list[Block]:
    results = context.results
    tables = [*cost_tables(results), *transfer_tables(results), *evaluation_tables(results)]
    blocks: list[Block] = [block for table in tables for block in (Heading(table.title, 3), table)]
    missing = missing_text(results)
    return [*(blocks or [Text(("Nothing was measured.",))]), *([Text((missing,))] if missing else [])]


def _printed(results: Results) -> list[Table]:
    return [*cost_tables(results), *transfer_tables(results)]


MEASURED = Section("measured", "What was measured", _build, _printed)

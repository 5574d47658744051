"""The section of regimes and controls, and of the rules held against them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.formats.blocks import Details, Figure, Heading, Text
from zoo.report.figures.regimes import regime_points, regimes_figure
from zoo.report.sections.base import Section
from zoo.report.sections.effort import effort_table
from zoo.report.sections.measures import measures_table, recall_tables
from zoo.report.sections.pretraining import pretraining_lines
from zoo.report.sections.rule import cells, rule_table, verdict_lines

if TYPE_CHECKING:
    from zoo.formats.blocks import Block
    from zoo.report.sections.base import Context


ALT = "Accuracy of each regime and control, with 95% intervals"


def _build(context: Context) -> list[Block]:
    results = context.results
    if not results.kind("transfer"):
        return [Text(("No regime was measured.",))]
    points = regime_points(results)
    blocks: list[Block] = [Figure("regimes", partial(regimes_figure, points), ALT)] if points else []
    found = cells(results)
    lines = verdict_lines(found) if found else ["No cell has both a frozen and a fine-tuned regime."]
    blocks.append(Text(tuple(lines)))
    blocks += [rule_table(found)] if found else []
    made = pretraining_lines(results)
    if made:
        blocks.append(Text(("Weights made here, by training from random on an embedded task:",)))
        blocks.append(Text(tuple(made), listed=True))
    measured = [table for table in (measures_table(results), *recall_tables(results)) if table is not None]
    if measured:
        parts = tuple(block for table in measured for block in (Heading(table.title, 3), table))
        blocks.append(Details("Other measures, and the recall of each class", parts))
    effort = effort_table(results)
    if effort is not None:
        blocks.append(Details("Effort: parameters trained and seconds taken", (effort,)))
    return blocks


REGIMES = Section("regimes", "Regimes and controls", _build)

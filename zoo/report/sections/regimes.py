"""The section of regimes and controls, and of the rules held against them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.advice.rule import cells
from zoo.figures.regimes import regime_points, regimes_figure
from zoo.formats.blocks import Details, Figure, Text
from zoo.report.sections.base import Section
from zoo.report.sections.effort import effort_table
from zoo.report.sections.pretraining import pretraining_lines
from zoo.report.sections.ranking import ranking_table
from zoo.report.sections.rule import rule_table, verdict_lines
from zoo.report.sections.similarity import similarity_table

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
    lines = verdict_lines(found, results) if found else ["No cell has both a frozen and a fine-tuned regime."]
    blocks.append(Text(tuple(lines)))
    tables = similarity_table(results), rule_table(found, results) if found else None, ranking_table(results)
    blocks += [table for table in tables if table is not None]
    made = pretraining_lines(results)
    if made:
        blocks.append(Text(("Weights made here, by training from random on an embedded task:",)))
        blocks.append(Text(tuple(made), listed=True))
    effort = effort_table(results)
    if effort is not None:
        blocks.append(Details("Effort: parameters trained and seconds taken", (effort,)))
    return blocks


REGIMES = Section("regimes", "Regimes and controls", _build)

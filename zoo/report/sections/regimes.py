"""The section of regimes and controls, and of the rules held against them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.advice.rule import cells
from zoo.advice.similarity import similarities
from zoo.candidates.tasks import labels
from zoo.figures.leaders import leaders
from zoo.figures.regimes import regime_points, regimes_figure
from zoo.figures.shots import is_over_shots, shots_figure
from zoo.figures.slope import slope_figure, slopes
from zoo.formats.blocks import Details, Figure, Heading, Text
from zoo.report.sections.advised import advised_lines
from zoo.report.sections.base import Section
from zoo.report.sections.effort import effort_table
from zoo.report.sections.measures import measures_table, recall_tables
from zoo.report.sections.pretraining import pretraining_lines
from zoo.report.sections.ranking import ranking_table
from zoo.report.sections.rule import rule_table, verdict_lines
from zoo.report.sections.similarity import similarity_table
from zoo.report.strategies import is_control
from zoo.statistics.balanced import IMBALANCED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.advice.rule import Cell
    from zoo.figures.regimes import RegimePoint
    from zoo.formats.blocks import Block
    from zoo.report.sections.base import Context
    from zoo.results.view import Results


ADVISED = 4
"""Cells of which each has a sentence; of more the table tells."""

ALT = "Accuracy of each regime and control, with 95% intervals"


def _build(context: Context) -> list[Block]:
    results = context.results
    if not results.kind("transfer"):
        return [Text(("No regime was measured.",))]
    points = regime_points(results)
    blocks: list[Block] = [Figure("regimes", partial(regimes_figure, points), ALT)] if points else []
    alike = similarities(results)
    found = cells(results, alike)
    blocks += _over_shots(points) + _slopes(found)
    if 0 < len(found) <= ADVISED:
        blocks.append(Text(tuple(advised_lines(found, results)), listed=True))
    lines = verdict_lines(found, results) if found else ["No cell has both a frozen and a fine-tuned regime."]
    blocks.append(Text((*lines, *_balanced_lines(results))))
    tables = similarity_table(results, alike), rule_table(found, results) if found else None, ranking_table(results)
    blocks += [table for table in tables if table is not None]
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


def _balanced_lines(results: Results) -> list[str]:
    """Of tasks on which every class counts alike in what is compared."""
    rows = results.transfer_rows()
    named = labels(rows)
    tasks = dict.fromkeys(named[row.settings.task_key] for row in rows if row.is_unequal)
    line = (
        f"On {', '.join(tasks)} every class counts alike in differences, gains and rankings (balanced accuracy): "
        f"some have over {IMBALANCED} times the test images of others."
    )
    return [line] if tasks else []


def _over_shots(points: Sequence[RegimePoint]) -> list[Block]:
    if not is_over_shots(points):
        return []
    points, others = leaders(points, lambda point: 0.0 if is_control(point.strategy) else point.y)
    text = f"A line a strategy, with its 95% interval over seeds and test images; dashed lines are controls.{others}"
    alt = "Accuracy over the number of training images a class, a line a strategy"
    return [Figure("shots", partial(shots_figure, points), alt, text)]


def _slopes(found: Sequence[Cell]) -> list[Block]:
    drawn = slopes(found)
    if not drawn:
        return []
    drawn, others = leaders(drawn, lambda slope: max(slope.classifier, slope.full))
    text = "A line a model, from the classifier alone to training everything; its colour says whether the difference "
    text += f"is resolved, by a p-value adjusted over all cells (Holm).{others}"
    alt = "Accuracy of the classifier alone and of training everything, a line a model"
    return [Figure("slope", partial(slope_figure, drawn), alt, text)]


REGIMES = Section("regimes", "Regimes and controls", _build)

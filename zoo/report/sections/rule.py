"""The table of the rules: what each says of a cell, and what was best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.advice.amount import LITTLE_TO, MUCH_FROM
from zoo.advice.best import Certainty
from zoo.candidates.tasks import labels
from zoo.formats.table import Table
from zoo.report.numbers import MISSING, with_interval
from zoo.report.strategies import marked
from zoo.results.variants import variants
from zoo.statistics.quantity import ACCURACY
from zoo.statistics.resolving import MOST

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.advice.best import Best
    from zoo.advice.rule import Cell
    from zoo.results.view import Results
    from zoo.statistics.comparison import AccuracyDifference


NAMED = 3
"""Cells named in a sentence."""

RESOLVED = {
    Certainty.RESOLVED: "yes",
    Certainty.EQUAL: "equal within a point",
    Certainty.ONE_SEED: "no, with one seed",
    Certainty.MORE_SEEDS: "no, {} seeds would",
    Certainty.NO_SEEDS: f"no, nor would {MOST} seeds",
}
"""Whether a lead is resolved, as the table has it."""


def verdict_lines(found: list[Cell], results: Results) -> list[str]:
    """What the cells say of each rule, plainly."""
    lines = []
    for title, attribute in (("The course rule", "course"), ("CS231n's rule", "cs231n")):
        verdicts = [cell.held(getattr(cell, attribute)) for cell in found]
        counts = ", ".join(
            f"{verdicts.count(word)} {word}"
            for word in ("held", "did not hold", "unresolved", "not tested", "no advice")
            if word in verdicts
        )
        lines.append(f"{title}, over {_cells(len(found))}: {counts}.")
    lines += _size_lines(found)
    weak = [cell for cell in found if cell.gain is not None and cell.gain <= 0]
    if weak:
        model, task = cell_names(results)
        named = ", ".join(f"{model(cell)} on {task(cell)} at {cell.frozen.shots} shots" for cell in weak[:NAMED])
        named += f" and {len(weak) - NAMED} more" if len(weak) > NAMED else ""
        lines.append(
            f"The frozen features stood no higher than the controls in {len(weak)} of {_cells(len(found))} "
            f"({named}): there nothing shows that the backbone contributed what a linear classifier could use."
        )
    return lines


def cell_names(results: Results) -> tuple[Callable[[Cell], str], Callable[[Cell], str]]:
    """Functions that name the model of a cell with its weights, and its task."""
    rows = results.transfer_rows()
    apart, named = variants([row for row in rows if row.accuracy is not None]), labels(rows)

    def model(cell: Cell) -> str:
        return cell.frozen.name + apart(cell.frozen, cell.line.recipe)

    return model, lambda cell: named[cell.frozen.settings.task_key]


def _size_lines(found: list[Cell]) -> list[str]:
    """By how much each regime won, in the cells where the interval decides."""
    lines = []
    for word, text in (
        ("full", "Updating backbone and classifier beat the classifier alone"),
        ("classifier", "Updating the backbone too gained at most a point"),
    ):
        gains = [
            100 * cell.full_over_classifier.value
            for cell in found
            if cell.supported == word and cell.full_over_classifier is not None
        ]
        if gains:
            span = " to ".join(dict.fromkeys(f"{gain:+.1f}" for gain in (min(gains), max(gains))))
            lines.append(f"{text} in {len(gains)} of {_cells(len(found))}: {span} points.")
    return lines


def _cells(count: int) -> str:
    return f"{count} cell{'s' * (count != 1)}"


def _points(difference: AccuracyDifference | None) -> str:
    return with_interval(difference.measurement if difference else None, ACCURACY)


def rule_table(found: list[Cell], results: Results) -> Table:
    """The cells with what the rules say of each, and what was best there."""
    model, task = cell_names(results)
    rows = tuple(
        (
            model(cell),
            task(cell),
            str(cell.frozen.shots),
            MISSING if cell.images is None else str(cell.images),
            _points(cell.full_over_classifier),
            cell.supported,
            f"{cell.course}: {cell.held(cell.course)}",
            f"{cell.cs231n}: {cell.held(cell.cs231n)}",
            marked(cell.best.strategy),
            _lead(cell.best),
            RESOLVED[cell.best.certainty].format(cell.best.seeds) if cell.best.lead else MISSING,
        )
        for cell in found
    )
    headers = (
        "model and weights", "task", "shots", "training images", "full − classifier, points", "the data support",
        "course rule", "CS231n", "best here", "ahead by, points", "resolved",
    )  # fmt: skip
    caption = (
        "Differences are paired over seeds and test images. `full` is supported where the interval of its difference "
        "is above 0, `classifier` where it is below, each by a p-value adjusted over all cells (Holm). `classifier` "
        "is supported too where the interval lies within a point, unless the fine-tuning was cut short (see the "
        "flags). Beside each rule's advice stands whether the data bear it out; earlier layers are held against the "
        "last (`classifier_mid` against `classifier`). A rule asks for similarity (the table above) and for the "
        f"amount of data: {MUCH_FROM} training images in all are much, {LITTLE_TO} or fewer are little, and numbers "
        "in between are between. Where its advice depends on an answer that is between or not known, it has none. "
        "Best here is the highest of all strategies measured in the cell, controls among them, and its lead is over "
        "the next. A lead is resolved by a p-value adjusted over all cells (Holm). Of an open one the last column "
        "says how many seeds would do, if means and spreads stay as they are."
    )
    return Table("The rule", caption, headers, rows)


def _lead(best: Best) -> str:
    return f"{_points(best.lead)} over {best.next}" if best.next else MISSING

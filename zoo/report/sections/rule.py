"""The course rule and CS231n's, held against the data cell by cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.choice.tasks import identity, labels
from zoo.formats.table import Table
from zoo.report.numbers import with_interval
from zoo.report.strategies import is_control
from zoo.report.variants import variants
from zoo.results.lines import lines
from zoo.statistics.comparison import AccuracyDifference, holm, paired_difference
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.results.rows import TransferRow
    from zoo.results.view import Results


MUCH = 50
"""Images a class from which a cell counts as much data; see docs/measuring.md#the-course-rule."""

SIMILAR = 0.25
"""Probe gain over the better control, of what was left to gain, from which a target counts as similar."""

NEAR = 0.1
"""Distance from it within which a target is between similar and dissimilar; see docs/measuring.md#the-course-rule."""

EQUAL = 0.01
"""Accuracies whose difference lies within so much are equal."""

DOUBTED = 0.05
"""Adjusted p-value from which a difference is no difference."""

BETWEEN, UNKNOWN = "between", "not known"
"""Similarity near the line, and without a control: a rule that asks for it then says nothing."""

NAMED = 3
"""Cells named in a sentence; the table has them all."""


@dataclass(frozen=True)
class Cell:
    """One model on one task with so many images.

    Attributes
    ----------
    gain : float or None
        Similarity, measured: accuracy of frozen features over the better control, divided by what the
        control left to gain (1 less the control's accuracy). None without controls.
    full_over_classifier, full_over_scratch : Measurement or None
        Paired differences of accuracy over the same seeds and test images.
    course, cs231n : str
        What each rule says to do: ``classifier``, ``full`` or ``earlier layers``; ``between`` or ``not known`` where
        it asks for a similarity that is near the line, or was not measured.
    supported : str
        ``full`` or ``classifier``, whose interval of the difference clears 0 on its side, by a p-value adjusted over
        all cells (Holm); ``classifier`` too where both are equal within a point, since it is the cheaper;
        ``unresolved`` otherwise.
    """

    model: str
    task: str
    shots: int | str
    gain: float | None
    full_over_classifier: AccuracyDifference | None
    full_over_scratch: AccuracyDifference | None
    course: str
    cs231n: str
    supported: str

    def held(self, rule: str) -> str:
        """Whether a rule held here, in words.

        ``held``, ``did not hold`` or ``unresolved``, and ``not tested`` of advice that was not run.
        """
        if rule in (BETWEEN, UNKNOWN):
            return "no advice"
        if rule not in ("classifier", "full"):
            return "not tested"
        if self.supported == "unresolved":
            return "unresolved"
        return "held" if self.supported == rule else "did not hold"


def cells(results: Results) -> list[Cell]:
    """Every cell with both a frozen and a fine-tuned regime."""
    rows = [row for row in results.transfer_rows() if row.accuracy is not None]
    apart, named = variants(rows), labels(results.transfer_rows())
    found = []
    for line in lines(rows):
        if {"classifier", "full"} <= line.here.keys():
            frozen = line.here["classifier"]
            found.append(_cell(frozen, line.here, apart(frozen, line.recipe), named[identity(frozen)]))
    return _adjusted(found)


def _adjusted(found: list[Cell]) -> list[Cell]:
    """The cells, those that chance may have resolved among so many left open."""
    p_values = holm([1.0 if cell.full_over_classifier is None else cell.full_over_classifier.p for cell in found])
    return [
        replace(cell, supported="unresolved")
        if cell.supported != "unresolved" and p >= DOUBTED and not _is_equal(cell.full_over_classifier)
        else cell
        for cell, p in zip(found, p_values, strict=True)
    ]


def _is_equal(difference: AccuracyDifference | None) -> bool:
    return difference is not None and difference.low >= -EQUAL and difference.high <= EQUAL


def _cell(frozen: TransferRow, here: Mapping[str, TransferRow], apart: str, task: str) -> Cell:
    gain = _gain(frozen, here)
    near = UNKNOWN if gain is None else BETWEEN if abs(gain - SIMILAR) < NEAR else ""
    similar = gain is not None and gain >= SIMILAR
    much = frozen.shots == "all" or int(frozen.shots) >= MUCH
    tuned = _difference(frozen, here["full"])
    supported = "unresolved"
    if tuned is not None:
        if tuned.low > 0:
            supported = "full"
        elif (tuned.high < 0 or _is_equal(tuned)) and not here["full"].flags:
            # Equal within a point is the classifier's case: it is the cheaper of two equals. A fine-tuning that
            # was cut short may yet have won, so it decides nothing against itself.
            supported = "classifier"
    return Cell(
        model=f"{frozen.model}.{frozen.weights}{apart}",
        task=task,
        shots=frozen.shots,
        gain=gain,
        full_over_classifier=tuned,
        full_over_scratch=_difference(here["scratch"], here["full"]) if "scratch" in here else None,
        course="classifier" if not much else near or ("classifier" if similar else "full"),
        cs231n="full" if much else near or ("classifier" if similar else "earlier layers"),
        supported=supported,
    )


def _gain(frozen: TransferRow, here: Mapping[str, TransferRow]) -> float | None:
    controls = [row.accuracy.value for row in here.values() if is_control(row.strategy) and row.accuracy is not None]
    if not controls or frozen.accuracy is None or max(controls) >= 1:
        return None
    return (frozen.accuracy.value - max(controls)) / (1 - max(controls))


def _difference(a: TransferRow, b: TransferRow) -> AccuracyDifference | None:
    """Accuracy of ``b`` less that of ``a`` over the seeds both have.

    None where they share none, or were tested on other images.
    """
    of_a, of_b = (dict(zip(row.seeds, row.correct, strict=True)) for row in (a, b))
    common = [seed for seed in of_a if seed in of_b and len(of_a[seed]) == len(of_b[seed])]
    if not common:
        return None
    return paired_difference([of_a[seed] for seed in common], [of_b[seed] for seed in common])


def _size_lines(found: list[Cell]) -> list[str]:
    """By how much each regime won, in the cells where the interval decides."""
    lines = []
    for word, text in (
        ("full", "Updating backbone and classifier beat the classifier alone"),
        ("classifier", "Updating the backbone too gained a point over the classifier alone at most"),
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


def verdict_lines(found: list[Cell]) -> list[str]:
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
        names = ", ".join(f"{cell.model} on {cell.task} at {cell.shots} shots" for cell in weak[:NAMED])
        names += f" and {len(weak) - NAMED} more; see the probe gain below" if len(weak) > NAMED else ""
        lines.append(
            f"The frozen features stood no higher than the controls in {len(weak)} of {_cells(len(found))} "
            f"({names}): there nothing shows that the backbone contributed what a linear classifier could use."
        )
    return lines


def _cells(count: int) -> str:
    return f"{count} cell{'s' * (count != 1)}"


def _points(difference: AccuracyDifference | None) -> str:
    return with_interval(difference.measurement if difference else None, ACCURACY)


def rule_table(found: list[Cell]) -> Table:
    """The cells with what the rules say of each and what the data support."""
    rows = tuple(
        (
            cell.model,
            cell.task,
            str(cell.shots),
            "n/a" if cell.gain is None else f"{cell.gain:+.2f}",
            _points(cell.full_over_classifier),
            _points(cell.full_over_scratch),
            cell.supported,
            f"{cell.course}: {cell.held(cell.course)}",
            f"{cell.cs231n}: {cell.held(cell.cs231n)}",
        )
        for cell in found
    )
    headers = (
        "model and weights", "task", "shots", "probe gain", "full − classifier, points",
        "full − scratch, points", "the data support", "course rule", "CS231n",
    )  # fmt: skip
    caption = (
        "Probe gain measures similarity: accuracy of frozen features over the better control, as a fraction of "
        "what that control left to gain; from 0.25 a target counts as similar, within 0.1 of that it is between, and "
        "without a control it is not known. Fifty images a class count as much data. Differences are paired over "
        "seeds and test images; `full` is supported where their interval is above 0, `classifier` where it is below, "
        "each by a p-value adjusted over all cells (Holm), and `classifier` too where it lies within a point, unless "
        "the fine-tuning was cut short (see the flags)."
    )
    return Table("The rule", caption, headers, rows)

"""The course rule and CS231n's, held against the data cell by cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from zoo.advice.amount import amount, training_images
from zoo.advice.best import DOUBTED, bests, is_equal
from zoo.advice.pairs import difference
from zoo.advice.similarity import CLASSIFIER, FULL, alone, gain, pair_of, probed, similarities
from zoo.advice.words import BETWEEN, DISSIMILAR, LITTLE, MUCH, SIMILAR, UNKNOWN
from zoo.results.lines import lines
from zoo.statistics.comparison import holm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zoo.advice.best import Best
    from zoo.advice.similarity import Pair, Similarity
    from zoo.results.lines import Line
    from zoo.results.rows import TransferRow
    from zoo.results.view import Results
    from zoo.statistics.comparison import AccuracyDifference


OPEN = (BETWEEN, UNKNOWN)
"""Answers that may yet be either."""

EARLIER, CLASSIFIER_MID = "earlier layers", "classifier_mid"
"""Advice, and the strategy that takes it."""

HELD, NOT_HELD, UNRESOLVED = "held", "did not hold", "unresolved"


@dataclass(frozen=True)
class Cell:
    """One model on one task with so many images.

    Attributes
    ----------
    line : Line
        The strategies measured there.
    images : int or None
        Training images in all, None where no record says.
    similarity : Similarity
        Of the source of the weights and the task, which all its backbones share.
    full_over_classifier : AccuracyDifference or None
        Of accuracies, in pairs over the same seeds and test images.
    course, cs231n : str
        What each rule says to do: ``classifier``, ``full`` or ``earlier layers``; ``between`` or ``not known`` where
        that depends on a similarity or an amount of data that is near the line, or was not measured.
    supported : str
        ``full`` or ``classifier``, whose interval of the difference clears 0 on its side, by a p-value adjusted over
        all cells (Holm); ``classifier`` too where both are equal within a point, since it is the cheaper;
        ``unresolved`` otherwise.
    earlier : str
        Whether a classifier on earlier layers (``classifier_mid``) beats that on the last: ``held``, ``did not hold``
        or ``unresolved``, by a p-value adjusted over all cells that have both; ``not tested`` of others.
    best : Best
        Of all strategies measured there.
    """

    line: Line
    images: int | None
    similarity: Similarity
    full_over_classifier: AccuracyDifference | None
    course: str
    cs231n: str
    supported: str
    earlier: str
    best: Best

    @property
    def frozen(self) -> TransferRow:
        """The classifier on frozen features."""
        return self.line.here[CLASSIFIER]

    @cached_property
    def gain(self) -> float | None:
        """Probe gain of this cell alone."""
        return alone(self.line.here, probed, gain)

    @property
    def amount(self) -> str:
        """Whether the training images are much or little."""
        return amount(self.images)

    def held(self, rule: str) -> str:
        """Whether a rule's advice held here, in words.

        ``held``, ``did not hold`` or ``unresolved``, ``not tested`` of what was not run, and ``no advice``.
        """
        if rule in OPEN:
            return "no advice"
        if rule == EARLIER:
            return self.earlier
        if self.supported == UNRESOLVED:
            return UNRESOLVED
        return HELD if self.supported == rule else NOT_HELD


def cells(results: Results, alike: Mapping[Pair, Similarity] | None = None) -> list[Cell]:
    """Every cell with both a frozen and a fine-tuned regime.

    Parameters
    ----------
    results : Results
    alike : mapping of Pair to Similarity, optional
        What :func:`zoo.advice.similarity.similarities` found in them, where that is known.
    """
    rows = [row for row in results.transfer_rows() if row.accuracy is not None]
    found = [line for line in lines(rows) if {CLASSIFIER, FULL} <= line.here.keys()]
    alike, layers = similarities(results) if alike is None else alike, _of_layers(found)
    best = bests([line.here for line in found])
    parts = zip(found, layers, best, strict=True)
    return _adjusted([_cell(line, alike[pair_of(line.here[CLASSIFIER])], layer, one) for line, layer, one in parts])


def _of_layers(found: list[Line]) -> list[str]:
    """Whether the classifier on earlier layers beats that on the last, line by line."""
    gained = [
        difference(line.here[CLASSIFIER], line.here[CLASSIFIER_MID]) if CLASSIFIER_MID in line.here else None
        for line in found
    ]
    adjusted = iter(holm([one.p for one in gained if one is not None]))
    return ["not tested" if one is None else _told(one.value, next(adjusted)) for one in gained]


def _told(gained: float, p: float) -> str:
    return UNRESOLVED if p >= DOUBTED else HELD if gained > 0 else NOT_HELD


def _adjusted(found: list[Cell]) -> list[Cell]:
    """The cells, those that chance may have resolved among so many left open."""
    p_values = holm([1.0 if cell.full_over_classifier is None else cell.full_over_classifier.p for cell in found])
    return [
        replace(cell, supported=UNRESOLVED)
        if cell.supported != UNRESOLVED and p >= DOUBTED and not is_equal(cell.full_over_classifier)
        else cell
        for cell, p in zip(found, p_values, strict=True)
    ]


def _cell(line: Line, similarity: Similarity, earlier: str, best: Best) -> Cell:
    frozen, tuned = line.here[CLASSIFIER], line.here[FULL]
    images, gained = training_images(frozen), difference(frozen, tuned)
    return Cell(
        line=line,
        images=images,
        similarity=similarity,
        full_over_classifier=gained,
        course=advice(course_rule, similarity.answer, amount(images)),
        cs231n=advice(cs231n_rule, similarity.answer, amount(images)),
        supported=_supported(gained, is_doubted=bool(tuned.flags)),
        earlier=earlier,
        best=best,
    )


def _supported(gained: AccuracyDifference | None, *, is_doubted: bool) -> str:
    if gained is None:
        return UNRESOLVED
    if gained.low > 0:
        return FULL
    # Equal within a point is the classifier's case: it is the cheaper of two equals. A fine-tuning that
    # was cut short may yet have won, so it decides nothing against itself.
    return CLASSIFIER if (gained.high < 0 or is_equal(gained)) and not is_doubted else UNRESOLVED


def course_rule(alike: str, data: str) -> str:
    """What the course notes say of a target with so much data."""
    return FULL if (alike, data) == (DISSIMILAR, MUCH) else CLASSIFIER


def cs231n_rule(alike: str, data: str) -> str:
    """What Stanford's CS231n says of a target with so much data."""
    return FULL if data == MUCH else CLASSIFIER if alike == SIMILAR else EARLIER


def advice(rule: Callable[[str, str], str], alike: str, data: str) -> str:
    """What a rule says where its questions may have no answer.

    Its advice, where it is the same whatever an open answer may be. Else ``not known`` where one was not measured,
    and ``between`` where one is near the line.
    """
    of_target = (SIMILAR, DISSIMILAR) if alike in OPEN else (alike,)
    of_data = (MUCH, LITTLE) if data in OPEN else (data,)
    said = {rule(*pair) for pair in product(of_target, of_data)}
    if len(said) == 1:
        return said.pop()
    return UNKNOWN if UNKNOWN in (alike, data) else BETWEEN

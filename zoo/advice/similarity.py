"""How similar a target is to the source of weights, as measured."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from zoo.advice.pairs import class_labels, in_pairs, judged, weighted
from zoo.advice.source import source_of
from zoo.advice.words import BETWEEN, DISSIMILAR, SIMILAR, UNKNOWN
from zoo.regimes.pretrain import tag_of
from zoo.regimes.strategies import find_strategy
from zoo.results.lines import lines
from zoo.statistics.pooling import Part, plain, pooled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from zoo.results.lines import Line
    from zoo.results.rows import TransferRow
    from zoo.results.view import Results
    from zoo.statistics.measurement import Measurement

    Here = Mapping[str, TransferRow]
    Pick = Callable[[Here], tuple[TransferRow, ...]]

    Start = tuple[str, str, str]
    """Machine, model and tag."""


SIMILAR_FROM = 0.25
"""Probe gain above which a target is similar; see docs/measuring.md#the-course-rule."""

CLASSIFIER, FULL, SCRATCH, KNN, PIXELS = "classifier", "full", "scratch", "knn", "pixels"


@dataclass(frozen=True)
class Pair:
    """A source of weights and a target task, on one machine."""

    machine: str
    source: str
    target: str


@dataclass(frozen=True)
class Similarity:
    """How similar a source and a target are.

    It is over all backbones that share both. Each measure is a mean over them, or a ratio of two means. Its interval
    carries backbones, seeds and test images as far as there are several. None is what was not measured.

    Attributes
    ----------
    pair : Pair
    backbones : tuple of str
        Those of which a classifier on frozen features was measured.
    probe_gain : Measurement or None
        Accuracy of the classifier over that of the better control, as a share of what the control left to gain.
    knn_gain : Measurement or None
        The same of the nearest neighbours among frozen features, over raw pixels.
    logme, h_score : Measurement or None
        Scores of the frozen features of the training images.
    gap : Measurement or None
        Accuracy on the source, of weights that the zoo trained, less that of the classifier on the target.
    benefit : Measurement or None
        Accuracy of fine-tuning, or of the classifier where there is none, less that from scratch.
    """

    pair: Pair
    backbones: tuple[str, ...]
    probe_gain: Measurement | None
    knn_gain: Measurement | None
    logme: Measurement | None
    h_score: Measurement | None
    gap: Measurement | None
    benefit: Measurement | None

    @property
    def answer(self) -> str:
        """``similar`` or ``dissimilar`` where the whole interval is on one side.

        Else ``between``; ``not known`` where no control was measured.
        """
        gain = self.probe_gain
        if gain is None or gain.low is None or gain.high is None:
            return UNKNOWN
        return SIMILAR if gain.low > SIMILAR_FROM else DISSIMILAR if gain.high < SIMILAR_FROM else BETWEEN


def pair_of(row: TransferRow) -> Pair:
    """The source of a row's weights, and its task."""
    return Pair(row.machine, source_of(row.weights, row.records[0].trial.weights_digest), row.settings.task_key)


def similarities(results: Results) -> dict[Pair, Similarity]:
    """The similarity of each source and target with frozen features."""
    rows = [row for row in results.transfer_rows() if row.accuracy is not None]
    held: dict[Pair, list[Line]] = {}
    for line in lines(rows):
        if CLASSIFIER in line.here:
            held.setdefault(pair_of(line.here[CLASSIFIER]), []).append(line)
    of_sources = _of_sources(results)
    return {pair: _similarity(pair, found, of_sources) for pair, found in held.items()}


def _similarity(pair: Pair, found: Sequence[Line], of_sources: Mapping[Start, Measurement]) -> Similarity:
    return Similarity(
        pair=pair,
        backbones=tuple(dict.fromkeys(line.here[CLASSIFIER].model for line in found)),
        probe_gain=_share(_parts(found, probed, gain)),
        knn_gain=_share(_parts(found, voted, gain)),
        logme=pooled(_parts(found, classified, partial(score, "logme")), "nats"),
        h_score=pooled(_parts(found, classified, partial(score, "h_score")), "score"),
        gap=_gap(pair, found, of_sources),
        benefit=_bounded(pooled(_parts(found, _trained, _difference))),
    )


def _share(parts: list[Part]) -> Measurement | None:
    """A gain of all parts, which is 1 at most."""
    found = pooled(parts)
    return found if found is None or found.high is None else replace(found, high=min(1.0, found.high))


def _parts(found: Sequence[Line], pick: Pick, make: Callable[..., Part | None]) -> list[Part]:
    """What a measure makes of the rows that it picks in each line, each once.

    A classifier stands in the lines of several recipes.
    """
    picked = [rows for line in found if (rows := pick(line.here))]
    each = {tuple(map(id, rows)): rows for rows in picked}
    return [part for rows in each.values() if (part := make(*rows)) is not None]


def alone(here: Here, pick: Pick, make: Callable[..., Part | None]) -> float | None:
    """What a measure makes of one cell alone."""
    part = make(*rows) if (rows := pick(here)) else None
    found = None if part is None else pooled([part])
    return None if found is None else found.value


def classified(here: Here) -> tuple[TransferRow, ...]:
    """The classifier on frozen features."""
    return (here[CLASSIFIER],) if CLASSIFIER in here else ()


def probed(here: Here) -> tuple[TransferRow, ...]:
    """The better control of a cell, and the classifier.

    A control owes nothing to the weights: random features, or pixels.
    """
    controls, mine = [row for row in here.values() if _owes_nothing(row)], classified(here)
    return (max(controls, key=judged), *mine) if controls and mine else ()


def _owes_nothing(row: TransferRow) -> bool:
    strategy = find_strategy(row.strategy)
    return strategy is not None and strategy.control and strategy.start != "weights"


def voted(here: Here) -> tuple[TransferRow, ...]:
    """Raw pixels, and the nearest neighbours among frozen features."""
    return (here[PIXELS], here[KNN]) if PIXELS in here and KNN in here else ()


def _trained(here: Here) -> tuple[TransferRow, ...]:
    """The network from scratch, and what was trained from the weights."""
    return (here[SCRATCH], here.get(FULL, here[CLASSIFIER])) if SCRATCH in here else ()


def gain(control: TransferRow, row: TransferRow) -> Part | None:
    """Accuracy over a control's, and what the control left to gain."""
    found = in_pairs(control, row)
    if found is None:
        return None
    return Part(row.model, found.seeds, found.differences, found.left_to_gain)


def _difference(first: TransferRow, second: TransferRow) -> Part | None:
    found = in_pairs(first, second)
    return None if found is None else plain(second.model, found.seeds, found.differences)


def score(name: str, row: TransferRow) -> Part | None:
    """A score of the classifier's features, for each seed that noted it."""
    noted = {record.trial.transfer.seed: record.outcome.notes.get(name) for record in row.good}
    known = {seed: float(value) for seed, value in noted.items() if isinstance(value, int | float)}
    return plain(row.model, tuple(known), [[value] for value in known.values()]) if known else None


def _of_sources(results: Results) -> dict[Start, Measurement]:
    """Accuracy on its source of each set of weights that the zoo trained."""
    found = {}
    for record in results.kind("pretrain"):
        accuracy = record.outcome.metrics.get("accuracy")
        if accuracy is not None:
            found[record.machine, record.trial.model, tag_of(record.trial.pretrain.task)] = accuracy
    return found


def _gap(pair: Pair, found: Sequence[Line], of_sources: Mapping[Start, Measurement]) -> Measurement | None:
    """Accuracy on the source less that on the target, of backbones of which both are known.

    The two have no image in common, so their intervals add in squares.
    """
    known: dict[str, Measurement] = {}

    def lost(row: TransferRow) -> Part | None:
        accuracy = of_sources.get((pair.machine, row.model, row.weights))
        if accuracy is None:
            return None
        known[row.model] = accuracy
        right = weighted(row.correct, class_labels(row))
        return plain(row.model, row.seeds, [[accuracy.value - value for value in seed] for seed in right])

    on_target = pooled(_parts(found, classified, lost))
    if on_target is None:
        return None
    half = math.hypot(_half(on_target), math.hypot(*map(_half, known.values())) / len(known))
    return _bounded(replace(on_target, low=on_target.value - half, high=on_target.value + half))


def _bounded(difference: Measurement | None) -> Measurement | None:
    """A difference of accuracies, which is 1 at most either way."""
    if difference is None or difference.low is None or difference.high is None:
        return difference
    return replace(difference, low=max(-1.0, difference.low), high=min(1.0, difference.high))


def _half(accuracy: Measurement) -> float:
    return 0.0 if accuracy.low is None or accuracy.high is None else (accuracy.high - accuracy.low) / 2

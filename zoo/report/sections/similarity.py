"""The table of similarity: what weights were trained on, and each target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.advice.similarity import SIMILAR_FROM, similarities
from zoo.candidates.tasks import labels
from zoo.formats.table import Table
from zoo.report.numbers import MISSING, with_interval
from zoo.statistics.quantity import ACCURACY, Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zoo.advice.similarity import Pair, Similarity
    from zoo.results.view import Results
    from zoo.statistics.measurement import Measurement


GAIN = Quantity("gain", "probe gain", "fraction", "higher", decimals=2)


def _gain(found: Measurement | None) -> str:
    return with_interval(found, GAIN)


def _score(found: Measurement | None) -> str:
    return with_interval(found)


def _points(found: Measurement | None) -> str:
    return with_interval(found, ACCURACY)


OPTIONAL: tuple[tuple[str, Callable[[Similarity], str], str], ...] = (
    (
        "kNN gain",
        lambda one: _gain(one.knn_gain),
        "kNN gain is the same of the nearest neighbours among frozen features, over raw pixels.",
    ),
    ("LogME, nats", lambda one: _score(one.logme), "LogME and H-score are of the features of the training images."),
    ("H-score", lambda one: _score(one.h_score), ""),
    (
        "gap, points",
        lambda one: _points(one.gap),
        "The gap is the accuracy on the source's own test images less that of the classifier on the target.",
    ),
    (
        "benefit, points",
        lambda one: _points(one.benefit),
        "The benefit is the accuracy of `full`, or of the classifier where there is none, less that of `scratch`.",
    ),
)
"""Columns that stand where any pair has a number: header, cell, and what the caption says."""


def similarity_table(results: Results, alike: Mapping[Pair, Similarity] | None = None) -> Table | None:
    """One line for each source of weights and each target, None without any.

    Parameters
    ----------
    results : Results
    alike : mapping of Pair to Similarity, optional
        What :func:`zoo.advice.similarity.similarities` found in them, where that is known.
    """
    found = list((similarities(results) if alike is None else alike).values())
    if not found:
        return None
    named = labels(results.transfer_rows())
    shown = [column for column in OPTIONAL if any(column[1](one) != MISSING for one in found)]
    rows = tuple(
        (
            one.pair.source,
            named[one.pair.target],
            str(len(one.backbones)),
            one.answer,
            _gain(one.probe_gain),
            *(cell(one) for _, cell, _ in shown),
        )
        for one in found
    )
    headers = ("weights trained on", "target", "backbones", "they are", "probe gain", *(name for name, *_ in shown))
    caption = (
        "How similar a target is to what the weights were trained on, over all backbones that share both, and all "
        "numbers of shots. Probe gain is the accuracy of the classifier on frozen features over that of the better "
        "control (random_features or pixels), as a share of what the control left to gain. The two are similar where "
        f"its whole interval is above {SIMILAR_FROM}, dissimilar where it is below, and between otherwise; without a "
        "control it is not known. Intervals (95%) carry backbones, seeds and test images; of one backbone alone they "
        "say nothing of others."
    )
    return Table("Similarity", " ".join([caption, *(said for *_, said in shown if said)]), headers, rows)

"""Intervals of medians, proportions and accuracies, and percentiles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.statistics.measurement import Measurement
from zoo.statistics.student import quantile

if TYPE_CHECKING:
    from collections.abc import Sequence


PERCENTILE_SAMPLES = {90.0: 64, 99.0: 662}
"""Fewest samples at which a percentile is stated: under these, the largest sample bounds it too seldom."""


def median(values: Sequence[float]) -> float:
    """Middle value, or the mean of the middle two."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("the median of nothing")
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def median_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float] | None:
    """Distribution-free interval of the median, between two order statistics.

    The ranks are the innermost symmetric pair whose binomial coverage reaches ``confidence``, so the
    interval is never too narrow for any continuous distribution (David and Nagaraja, *Order Statistics*,
    3rd ed., section 7.1).

    Returns
    -------
    tuple of float or None
        None where even the extremes do not reach ``confidence`` (under 6 values at 95%).
    """
    ordered = sorted(values)
    n = len(ordered)
    tail = 0.0
    rank = 0
    for k in range(n // 2):
        tail += math.comb(n, k) / 2**n
        if 1 - 2 * tail < confidence:
            break
        rank = k + 1
    if rank == 0:
        return None
    return ordered[rank - 1], ordered[n - rank]


FEWEST_COHORTS = 6
"""Fewest cohorts whose medians say how far a machine moves between them."""


def movement(medians: Sequence[float]) -> float | None:
    """How far a median of one cohort lies from that of many, at 95%.

    An interval is of its own cohort's rounds, and a machine moves over minutes by more than that holds. Cohorts are
    taken as drawn from what the machine does, and medians as log-normal.

    Parameters
    ----------
    medians : sequence of float
        Of one model in several cohorts, in any unit.

    Returns
    -------
    float or None
        On the scale of the natural logarithm, either way; None of under :data:`FEWEST_COHORTS`.
    """
    import statistics

    if len(medians) < FEWEST_COHORTS:
        return None
    return quantile(0.975, len(medians) - 1) * statistics.stdev(map(math.log, medians))


def summarise_rounds(round_medians: Sequence[float], unit: str) -> Measurement:
    """Median over rounds with its interval, ``n`` counting the rounds."""
    low, high = median_interval(round_medians) or (None, None)
    return Measurement(median(round_medians), unit, low, high, len(round_medians))


def percentile(samples: Sequence[float], q: float) -> float | None:
    """``q``-th percentile by linear interpolation, None of too few samples.

    Raises
    ------
    ValueError
        For a ``q`` outside 0..100.
    """
    if not 0 <= q <= 100:
        raise ValueError(f"a percentile lies in 0..100, not {q}")
    if len(samples) < PERCENTILE_SAMPLES.get(float(q), 1):
        return None
    ordered = sorted(samples)
    place = (len(ordered) - 1) * q / 100
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of a proportion (Wilson, JASA 22, 1927).

    Raises
    ------
    ValueError
        Unless ``0 <= successes <= n`` and ``n > 0``.
    """
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}")
    from statistics import NormalDist

    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def accuracy_over_seeds(correct: Sequence[Sequence[int]], confidence: float = 0.95) -> Measurement:
    """Mean accuracy, its interval carrying the seeds and the test images.

    Two-way random effects (:func:`two_way`); with one seed, or without any spread, Wilson's interval over images.

    Parameters
    ----------
    correct : sequence of sequence of int
        0 or 1, shape (seeds, images).

    Returns
    -------
    Measurement
        Unit ``"fraction"``; ``n`` is the number of test images.

    Raises
    ------
    ValueError
        No row, empty rows, or rows of different lengths.
    """
    if not correct or not correct[0] or len({len(row) for row in correct}) != 1:
        raise ValueError("accuracy over seeds needs rows of one length, one for each seed")
    images = len(correct[0])
    found = two_way(correct)
    if len(correct) == 1 or found.variance == 0:
        low, high = wilson_interval(round(found.mean * images), images, confidence)
        return Measurement(found.mean, "fraction", low, high, images)
    half = found.half_width(confidence)
    return Measurement(found.mean, "fraction", max(0.0, found.mean - half), min(1.0, found.mean + half), images)


@dataclass(frozen=True, slots=True)
class TwoWay:
    """Grand mean of a table of seeds by images, with its variance.

    And the degrees of freedom of that variance.
    """

    mean: float
    variance: float
    freedom: float

    def half_width(self, confidence: float = 0.95) -> float:
        """Half the width of Student's t interval of the mean."""
        return quantile(0.5 + confidence / 2, self.freedom) * math.sqrt(self.variance)


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the spread of a table of seeds by images comes from.

    Attributes
    ----------
    mean : float
    seeds, images : int
    of_seeds, of_images : float
        Variances of the means of seeds and of images, which both hold a part of what is left.
    left : float
        Mean square of what neither seed nor image explains.
    """

    mean: float
    seeds: int
    images: int
    of_seeds: float
    of_images: float
    left: float

    def at(self, seeds: int, least_variance: float = 0.0) -> TwoWay:
        """The mean of so many seeds and the same images.

        For a number of seeds that is not the table's own it is what is to be expected.
        """
        # Images vary by themselves, and by what is left, of which more seeds average more.
        of_images = max(0.0, self.of_images + self.left * (1 / seeds - 1 / self.seeds)) / self.images
        by_image = max(of_images, least_variance)
        if seeds == 1:
            return TwoWay(self.mean, by_image, max(1, self.images - 1))
        by_seed, shared = self.of_seeds / seeds, self.left / (seeds * self.images)
        variance = max(by_seed, by_image, by_seed + by_image - shared)
        parts = by_seed**2 / (seeds - 1) + by_image**2 / max(1, self.images - 1)
        return TwoWay(self.mean, variance, variance**2 / parts if parts else 1.0)


def spread_of(table: Sequence[Sequence[float]]) -> Spread:
    """The spread of a table, shape (seeds, images)."""
    import numpy as np

    values = np.asarray(table, dtype=float)
    seeds, images = values.shape
    mean = float(values.mean())
    by_image = float(values.mean(axis=0).var(ddof=1)) if images > 1 else 0.25
    if seeds == 1:
        return Spread(mean, seeds, images, 0.0, by_image, 0.0)
    residual = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + mean
    left = float((residual**2).sum()) / max(1, (seeds - 1) * (images - 1))
    return Spread(mean, seeds, images, float(values.mean(axis=1).var(ddof=1)), by_image, left)


def two_way(table: Sequence[Sequence[float]], least_variance: float = 0.0) -> TwoWay:
    """Mean and variance of a table whose rows and columns are random draws.

    The rows are seeds, the columns test images.

    The variance of the grand mean is the rows' plus the columns' less the part counted in both (Owen,
    *Ann. Appl. Stat.* 1, 2007), with Satterthwaite's degrees of freedom. Of one row only the columns' can be told.

    Parameters
    ----------
    table : sequence of sequence of float
        Shape (seeds, images).
    least_variance : float
        What the columns' part is held to be at least.
    """
    found = spread_of(table)
    return found.at(found.seeds, least_variance)

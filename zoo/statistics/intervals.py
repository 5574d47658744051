"""Intervals of medians, proportions and accuracies over seeds; percentiles only where they can be told."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zoo.statistics.measurement import Measurement

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


def summarise_rounds(round_medians: Sequence[float], unit: str) -> Measurement:
    """Median over rounds with its interval; ``n`` counts the rounds."""
    low, high = median_interval(round_medians) or (None, None)
    return Measurement(median(round_medians), unit, low, high, len(round_medians))


def percentile(samples: Sequence[float], q: float) -> float | None:
    """``q``-th percentile by linear interpolation, or None where there are too few samples to tell.

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
    """Mean accuracy, with an interval that carries both the seeds and the test images.

    Two-way random effects: seeds (training draws) are rows, the same test images are columns. The
    variance of the grand mean is the rows' plus the columns' less the part counted in both (Owen,
    *Ann. Appl. Stat.* 1, 2007); with few seeds the multiplier is Student's t with Satterthwaite's
    degrees of freedom.

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
    import numpy as np

    if not correct or not correct[0] or len({len(row) for row in correct}) != 1:
        raise ValueError("accuracy over seeds needs rows of one length, one for each seed")
    table = np.asarray(correct, dtype=float)
    seeds, images = table.shape
    value = float(table.mean())
    if seeds == 1:
        low, high = wilson_interval(int(table.sum()), images, confidence)
        return Measurement(value, "fraction", low, high, images)
    by_seed = float(table.mean(axis=1).var(ddof=1)) / seeds
    by_image = float(table.mean(axis=0).var(ddof=1)) / images if images > 1 else 0.25
    residual = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0, keepdims=True) + value
    shared = float((residual**2).sum()) / max(1, (seeds - 1) * (images - 1)) / (seeds * images)
    variance = max(by_seed, by_image, by_seed + by_image - shared)
    if variance == 0:
        low, high = wilson_interval(round(value * images), images, confidence)
        return Measurement(value, "fraction", low, high, images)
    freedom = variance**2 / (by_seed**2 / (seeds - 1) + by_image**2 / max(1, images - 1))
    from scipy.stats import t

    half = float(t.ppf(0.5 + confidence / 2, freedom)) * math.sqrt(variance)
    return Measurement(value, "fraction", max(0.0, value - half), min(1.0, value + half), images)

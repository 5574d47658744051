"""Whether two things differ: ratios, verdicts and Holm's correction."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from zoo.statistics.balanced import alike
from zoo.statistics.intervals import median, two_way
from zoo.statistics.measurement import Measurement
from zoo.statistics.student import quantile, two_sided

if TYPE_CHECKING:
    from collections.abc import Sequence


MARGIN = 0.02
"""Differences within ±2% are called the same: no machine here holds its speed closer from day to day."""


class Verdict(StrEnum):
    """What an interval of a ratio of times says."""

    FASTER = "FASTER"
    SLOWER = "SLOWER"
    SAME = "SAME"
    UNRESOLVED = "UNRESOLVED"


@dataclass(frozen=True, slots=True)
class RatioInterval:
    """A ratio of times, second over first, with its 95% interval.

    Attributes
    ----------
    ratio, low, high : float
        Above 1 where the second is slower.
    n : int
        Rounds (pairs, or the smaller side).
    p : float
        Two-sided p-value of a ratio of 1.
    """

    ratio: float
    low: float
    high: float
    n: int
    p: float


def paired_ratio(a_rounds: Sequence[float], b_rounds: Sequence[float]) -> RatioInterval:
    """Ratio of two models timed in the same rounds: ``b`` over ``a``.

    Student's t interval of the mean per-round log ratio, widened to the signed-rank (Hodges-Lehmann)
    interval where that is wider: the bootstrap of 8 to 12 rounds is too narrow, the t interval alone is too
    narrow under heavy tails. The p-value is Student's: that of eight signed ranks cannot fall below 0.8%, and over
    a table of seven Holm's correction would call nothing.

    Raises
    ------
    ValueError
        Unless both have the same number of rounds, at least two, all above zero.
    """
    if len(a_rounds) != len(b_rounds) or len(a_rounds) < 2:
        raise ValueError(f"{len(a_rounds)} and {len(b_rounds)} rounds are no pairs")
    logs = [math.log(b / a) for a, b in zip(a_rounds, b_rounds, strict=True)]
    return _walsh_interval(logs)


def _walsh_interval(logs: list[float]) -> RatioInterval:
    n = len(logs)
    averages = sorted((logs[i] + logs[j]) / 2 for i in range(n) for j in range(i, n))
    centre = median(averages)
    mean = math.fsum(logs) / n
    spread = math.sqrt(math.fsum((x - mean) ** 2 for x in logs) / (n - 1) / n)
    half = quantile(0.975, n - 1) * spread
    low, high = min(mean - half, centre), max(mean + half, centre)
    p = 1.0 if spread == 0 and mean == 0 else 0.0 if spread == 0 else two_sided(mean / spread, n - 1)
    if n >= 6:
        rank = _signed_rank_quantile(n)
        low, high = min(low, averages[rank]), max(high, averages[-1 - rank])
    return RatioInterval(math.exp(centre), math.exp(low), math.exp(high), n, p)


@cache
def _signed_rank_quantile(n: int) -> int:
    """Largest k with P(W+ < k) at most 2.5%, W+ the signed-rank statistic.

    Its distribution is computed exactly.
    """
    ways = [1]
    for rank in range(1, n + 1):
        longer = ways + [0] * rank
        for total, count in enumerate(ways):
            longer[total + rank] += count
        ways = longer
    tail, k = 0, 0
    while k < len(ways) and (tail + ways[k]) / 2**n <= 0.025:
        tail += ways[k]
        k += 1
    return max(0, k - 1)


def unpaired_ratio(a_rounds: Sequence[float], b_rounds: Sequence[float]) -> RatioInterval:
    """Ratio of two models timed at different times: ``b`` over ``a``.

    By Welch's t on log times.

    Raises
    ------
    ValueError
        With fewer than two rounds on a side.
    """
    if min(len(a_rounds), len(b_rounds)) < 2:
        raise ValueError("a ratio needs at least two rounds on each side")
    a = [math.log(value) for value in a_rounds]
    b = [math.log(value) for value in b_rounds]
    difference = math.fsum(b) / len(b) - math.fsum(a) / len(a)
    variances = [sum((x - math.fsum(s) / len(s)) ** 2 for x in s) / (len(s) - 1) / len(s) for s in (a, b)]
    variance = sum(variances)
    if variance == 0:
        return RatioInterval(*(math.exp(difference),) * 3, min(len(a), len(b)), float(difference == 0))
    freedom = variance**2 / sum(v**2 / (len(s) - 1) for v, s in zip(variances, (a, b), strict=True))
    half = quantile(0.975, freedom) * math.sqrt(variance)
    p = two_sided(difference / math.sqrt(variance), freedom)
    return RatioInterval(
        math.exp(difference),
        math.exp(difference - half),
        math.exp(difference + half),
        min(len(a), len(b)),
        p,
    )


def common_movement(ratios: Sequence[RatioInterval]) -> RatioInterval | None:
    """What many ratios have in common: their median, None under four.

    A machine moves all of them so between two runs.

    The interval is that of a median of normal values whose spread is the larger of what the ratios show and
    what their own intervals state, so that a few which truly changed do not widen it much.
    """
    if len(ratios) < FEWEST_FOR_COMMON:
        return None
    logs = [math.log(one.ratio) for one in ratios]
    centre = median(logs)
    spread = 1.4826 * median([abs(value - centre) for value in logs])
    within = median([_half(one) for one in ratios]) / 1.96
    half = 1.96 * 1.2533 * max(spread, within) / math.sqrt(len(logs))
    return RatioInterval(math.exp(centre), math.exp(centre - half), math.exp(centre + half), len(logs), 1.0)


def relative_to(ratio: RatioInterval, common: RatioInterval) -> RatioInterval:
    """A ratio less what it has in common with others.

    The interval carries both.
    """
    centre = math.log(ratio.ratio) - math.log(common.ratio)
    half = math.hypot(_half(ratio), _half(common))
    p = 1.0 if half == 0 and centre == 0 else math.erfc(abs(centre) / max(half / 1.96, 1e-12) / math.sqrt(2))
    return RatioInterval(math.exp(centre), math.exp(centre - half), math.exp(centre + half), ratio.n, p)


FEWEST_FOR_COMMON = 4
"""Fewest ratios whose median says what they have in common: of three, one that changed moves it."""


def _half(ratio: RatioInterval) -> float:
    """Half an interval's width on the log scale."""
    return (math.log(ratio.high) - math.log(ratio.low)) / 2


def verdict(ratio: RatioInterval, margin: float = MARGIN) -> Verdict:
    """What an interval of a ratio says.

    FASTER or SLOWER where it clears the margin, SAME where it lies inside, else UNRESOLVED.
    """
    if ratio.high < 1 - margin:
        return Verdict.FASTER
    if ratio.low > 1 + margin:
        return Verdict.SLOWER
    if ratio.low >= 1 - margin and ratio.high <= 1 + margin:
        return Verdict.SAME
    return Verdict.UNRESOLVED


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values that hold the family-wise error rate (Holm, 1979).

    In the given order.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for place, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = largest
    return adjusted


@dataclass(frozen=True, slots=True)
class AccuracyDifference:
    """Accuracy of a second model less a first's, with its 95% interval.

    As a fraction.

    Attributes
    ----------
    value, low, high : float
    n : int
        Test images.
    p : float
        Two-sided p-value of no difference.
    """

    value: float
    low: float
    high: float
    n: int
    p: float

    @property
    def measurement(self) -> Measurement:
        """Value and interval, for a table."""
        return Measurement(self.value, "fraction", self.low, self.high, self.n)


def least_variance(images: int) -> float:
    """That of one image judged otherwise among two more than there are.

    Where hardly an image is judged otherwise the spread over images says too little (after Agresti and Min, *Stat.
    Med.* 24, 2005).
    """
    return 1 / (images + 2) ** 2


def paired_difference(
    correct_a: Sequence[Sequence[int]], correct_b: Sequence[Sequence[int]], *, labels: Sequence[int] | None = None
) -> AccuracyDifference:
    """Accuracy of ``b`` less that of ``a`` on the same seeds and test images.

    Student's t interval of a two-way random-effects mean (:func:`zoo.statistics.intervals.two_way`), which
    carries the spread over seeds as well as over images; a bootstrap of a handful of seeds is too narrow. Of one
    seed the interval is of the images alone.

    The variance over images is held to be at least :func:`least_variance`.

    Parameters
    ----------
    correct_a, correct_b : sequence of sequence of int
        0 or 1, shape (seeds, images), rows in the same order of seeds.
    labels : sequence of int, optional
        Classes of the test images, for the difference of balanced accuracies.

    Raises
    ------
    ValueError
        For different shapes.
    """
    import numpy as np

    a, b = np.asarray(correct_a, dtype=float), np.asarray(correct_b, dtype=float)
    if a.shape != b.shape or a.ndim != 2 or a.size == 0:
        raise ValueError(f"shapes {a.shape} and {b.shape} are no pairs")
    images = a.shape[1]
    found = two_way(alike(b - a, labels).tolist(), least_variance=least_variance(images))
    half = found.half_width()
    p = two_sided(found.mean / math.sqrt(found.variance), found.freedom)
    return AccuracyDifference(found.mean, max(-1.0, found.mean - half), min(1.0, found.mean + half), images, p)


def lag1_autocorrelation(values: Sequence[float]) -> float | None:
    """Correlation of successive values, None where it cannot be told.

    That is under three values, and where none differ.
    """
    n = len(values)
    if n < 3:
        return None
    mean = math.fsum(values) / n
    total = math.fsum((x - mean) ** 2 for x in values)
    if total == 0:
        return None
    return math.fsum((values[i] - mean) * (values[i + 1] - mean) for i in range(n - 1)) / total

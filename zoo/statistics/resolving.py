"""How many seeds, or rounds, would tell two things apart."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING

from zoo.statistics.balanced import alike
from zoo.statistics.comparison import least_variance
from zoo.statistics.intervals import spread_of
from zoo.statistics.student import quantile

if TYPE_CHECKING:
    from collections.abc import Sequence


MOST = 1000
"""Seeds beyond which none are counted: nobody trains so often."""


def seeds_to_resolve(
    correct_a: Sequence[Sequence[int]],
    correct_b: Sequence[Sequence[int]],
    confidence: float = 0.95,
    *,
    labels: Sequence[int] | None = None,
) -> int | None:
    """Fewest seeds with which the interval of a paired difference excludes 0.

    That is, if the difference and its spread over seeds and over the same test images stay as they are here, as in
    about half of all repetitions. More seeds say nothing new of the images, so there may be no such number.

    Parameters
    ----------
    correct_a, correct_b : sequence of sequence of int
        As :func:`zoo.statistics.comparison.paired_difference` takes them, of two seeds or more.
    confidence : float
        Of the interval: higher where many differences stand in one table.
    labels : sequence of int, optional
        Classes of the test images, for the difference of balanced accuracies.

    Returns
    -------
    int or None
        None where the images alone keep the interval open, and where it takes over 1000 seeds.

    Raises
    ------
    ValueError
        For different shapes, and for one seed, which says nothing of the spread over seeds.
    """
    import numpy as np

    a, b = np.asarray(correct_a, dtype=float), np.asarray(correct_b, dtype=float)
    if a.shape != b.shape or a.ndim != 2 or min(a.shape) < 2:
        raise ValueError(f"shapes {a.shape} and {b.shape} are no pairs of two seeds or more")
    spread, least = spread_of(alike(b - a, labels).tolist()), least_variance(a.shape[1])

    def is_told(seeds: int) -> bool:
        return abs(spread.mean) > spread.at(seeds, least).half_width(confidence)

    first = 2 if is_told(len(a)) else len(a) + 1
    return next((seeds for seeds in range(first, MOST + 1) if is_told(seeds)), None)


MOST_ROUNDS = 10_000
"""Rounds beyond which none are counted."""


def rounds_to_resolve(logs: Sequence[float]) -> int | None:
    """Fewest rounds, over those there are, whose ratio's interval excludes 1.

    That is, Student's t interval of the mean, if mean and spread stay as they are here.

    Parameters
    ----------
    logs : sequence of float
        Logarithm of the ratio of each round, two or more.

    Returns
    -------
    int or None
        None where it takes over 10,000 rounds.

    Raises
    ------
    ValueError
        Of one round.
    """
    n = len(logs)
    if n < 2:
        raise ValueError("one round says nothing of the spread over rounds")
    mean = math.fsum(logs) / n
    spread = math.sqrt(math.fsum((x - mean) ** 2 for x in logs) / (n - 1))

    def is_told(rounds: int) -> bool:
        return abs(mean) > quantile(0.975, rounds - 1) * spread / math.sqrt(rounds)

    # The interval narrows with every round, so that the fewest can be found by halving.
    return bisect_left(range(MOST_ROUNDS + 1), True, lo=n + 1, key=is_told) if is_told(MOST_ROUNDS) else None

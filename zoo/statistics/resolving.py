"""How many seeds would tell two accuracies apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.statistics.balanced import alike
from zoo.statistics.comparison import least_variance
from zoo.statistics.intervals import spread_of

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

"""The Pareto frontier: what nothing else beats in both coordinates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def pareto_frontier(points: Sequence[tuple[float, float]]) -> list[int]:
    """Indices of points that no other dominates, by rising first coordinate.

    A point dominates another if it is no worse in both coordinates and better in one; equal points stand
    together.

    Parameters
    ----------
    points : sequence of (float, float)
        The first coordinate is minimised (latency), the second maximised (accuracy).

    Raises
    ------
    ValueError
        For a coordinate that is not a number.
    """
    if any(math.isnan(x) or math.isnan(y) for x, y in points):
        raise ValueError("a frontier of points that are not numbers")
    frontier: list[int] = []
    for index in sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1], i)):
        if not frontier or points[index][1] > points[frontier[-1]][1] or points[index] == points[frontier[-1]]:
            frontier.append(index)
    return frontier

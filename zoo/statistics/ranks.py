"""How alike two rankings are, with the interval that so few allow."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


FEWEST = 6
"""Pairs under which no interval is stated."""

SPREAD = 0.437
"""Variance of Fisher's transform of tau, times four fewer than the pairs."""


def kendall(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Kendall's tau-b: pairs in like order less those in unlike, ties apart.

    Returns
    -------
    float or None
        From -1 to 1. None where all of a side are equal.

    Raises
    ------
    ValueError
        For sequences of different lengths.
    """
    pairs = combinations(list(zip(first, second, strict=True)), 2)
    signs = [(_sign(a - c), _sign(b - d)) for (a, b), (c, d) in pairs]
    told = math.sqrt(sum(abs(a) for a, _ in signs) * sum(abs(b) for _, b in signs))
    return sum(a * b for a, b in signs) / told if told else None


def _sign(value: float) -> int:
    return int(value > 0) - int(value < 0)


def kendall_interval(tau: float, n: int) -> tuple[float, float] | None:
    """Approximate 95% interval of a tau, None of under six pairs.

    By Fisher's transform (Fieller, Hartley and Pearson, *Biometrika* 44, 1957). Of a perfect order it starts from one
    in which half a pair is turned.
    """
    if n < FEWEST:
        return None
    most = 1 - 1 / (n * (n - 1) / 2)
    middle = math.atanh(max(-most, min(most, tau)))
    half = 1.959964 * math.sqrt(SPREAD / (n - 4))
    return min(tau, math.tanh(middle - half)), max(tau, math.tanh(middle + half))

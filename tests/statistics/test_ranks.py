"""Kendall's tau-b is SciPy's, and its interval holds the truth as often as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from zoo.statistics.ranks import kendall, kendall_interval


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_scipy_gives_ties_among_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 12))
    a, b = rng.integers(0, 5, n).tolist(), rng.integers(0, 5, n).tolist()
    expected = float(stats.kendalltau(a, b).statistic)
    found = kendall(a, b)
    assert (found is None) == math.isnan(expected)
    assert found is None or found == pytest.approx(expected)


def test_without_an_order_there_is_none() -> None:
    assert kendall([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) is None
    assert kendall([], []) is None
    with pytest.raises(ValueError, match="shorter"):
        kendall([1.0, 2.0], [1.0])


def test_of_few_there_is_no_interval_and_a_perfect_order_has_one() -> None:
    assert kendall_interval(0.5, 5) is None
    low, high = kendall_interval(1.0, 6) or (0.0, 0.0)
    assert 0.4 < low < 0.9
    assert high == 1.0
    assert kendall_interval(-1.0, 6) == pytest.approx((-high, -low))


@pytest.mark.parametrize("n", [6, 10])
@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_the_interval_holds_the_truth(n: int, correlation: float) -> None:
    """That of normal pairs is 2/π · arcsin of their correlation."""
    rng, truth, held = np.random.default_rng(0), 2 / math.pi * math.asin(correlation), 0
    for _ in range(400):
        a = rng.normal(size=n)
        b = correlation * a + math.sqrt(1 - correlation**2) * rng.normal(size=n)
        low, high = kendall_interval(kendall(a.tolist(), b.tolist()) or 0.0, n) or (1.0, -1.0)
        held += low <= truth <= high
    assert 0.91 <= held / 400 <= 0.99

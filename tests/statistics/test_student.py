"""Student's t as tables have it."""

from __future__ import annotations

import math

import pytest

from zoo.statistics.student import quantile, two_sided


@pytest.mark.parametrize(
    ("freedom", "expected"),
    [(1, 12.706204736), (2, 4.302652730), (10, 2.228138852), (1e9, 1.959963985)],
)
def test_the_quantile_and_the_tail_beyond_it(freedom: float, expected: float) -> None:
    assert quantile(0.975, freedom) == pytest.approx(expected, rel=2e-6)
    assert two_sided(quantile(0.975, freedom), freedom) == pytest.approx(0.05)
    assert two_sided(-expected, freedom) == two_sided(expected, freedom)


def test_the_ends() -> None:
    assert quantile(0.5, 3) == pytest.approx(0.0, abs=1e-12)
    assert two_sided(0.0, 7) == 1.0
    assert two_sided(math.inf, 7) == 0.0

"""The better one of two simulated models is taken, and seldom called better where it is not."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.bench_choose import tally


@pytest.mark.parametrize(("seeds", "points", "least"), [(3, 10.0, 0.99), (3, 5.0, 0.9), (5, 5.0, 0.9)])
def test_the_better_one_is_taken_over_the_faster(seeds: int, points: float, least: float) -> None:
    found = tally(np.random.default_rng(1), points, seeds, 100)
    assert found["better_taken"] >= least
    assert found["better_taken_before"] < 0.8
    assert found["resolved_and_wrong"] == 0.0


@pytest.mark.parametrize("seeds", [3, 5])
def test_equals_are_seldom_told_apart(seeds: int) -> None:
    assert tally(np.random.default_rng(2), 0.0, seeds, 150)["resolved_and_wrong"] <= 0.06

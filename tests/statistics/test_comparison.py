"""Intervals hold what they claim to hold."""

from __future__ import annotations

import random

import pytest

from zoo.statistics.comparison import Verdict, holm, paired_ratio, verdict
from zoo.statistics.frontier import pareto_frontier
from zoo.statistics.intervals import accuracy_over_seeds, median_interval, percentile, wilson_interval


def test_the_median_interval_is_between_order_statistics() -> None:
    assert median_interval(range(5)) is None
    assert median_interval(range(8)) == (0, 7)
    assert median_interval(range(9)) == (1, 7)
    assert median_interval(range(12)) == (2, 9)


def test_identical_models_are_rarely_told_apart() -> None:
    draw = random.Random(0)
    held = 0
    for _ in range(400):
        a, b = ([draw.gauss(100, 1) for _ in range(8)] for _ in range(2))
        ratio = paired_ratio(a, b)
        held += ratio.low <= 1 <= ratio.high
    assert held >= 380


def test_a_planted_slowdown_of_five_percent_is_found() -> None:
    draw = random.Random(1)
    a = [draw.gauss(100, 0.5) for _ in range(10)]
    assert verdict(paired_ratio(a, [1.05 * x for x in a])) == Verdict.SLOWER
    assert verdict(paired_ratio(a, [1.005 * x for x in a])) == Verdict.SAME


def test_holm_raises_p_values_in_their_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_percentiles_need_enough_samples() -> None:
    assert percentile(range(63), 90) is None
    assert percentile(range(101), 90) == 90
    assert percentile(range(101), 99) is None


def test_accuracy_intervals_contain_the_mean_and_widen_with_seeds_that_disagree() -> None:
    alike = accuracy_over_seeds([[1, 0] * 50] * 3)
    apart = accuracy_over_seeds([[1] * 100, [1, 0] * 50, [0] * 100])
    assert alike.low is not None
    assert apart.low is not None
    assert alike.low < alike.value < (alike.high or 0)
    assert apart.low < alike.low
    assert wilson_interval(0, 10)[0] == pytest.approx(0)


def test_the_frontier_keeps_what_nothing_dominates() -> None:
    assert pareto_frontier([(1, 1), (2, 3), (3, 2), (2, 3)]) == [0, 1, 3]

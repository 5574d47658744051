"""Intervals hold what they claim to hold."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from zoo.statistics.comparison import (
    RatioInterval,
    Verdict,
    common_movement,
    holm,
    paired_difference,
    paired_ratio,
    relative_to,
    verdict,
)
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


def drawn(generator: np.random.Generator, seeds: int, images: int, spread: float, difficulty: Any) -> Any:
    """Right and wrong of one model: images are more or less hard, and each seed is better or worse by chance."""
    skill = generator.normal(0, spread, (seeds, 1))
    return (generator.random((seeds, images)) < 1 / (1 + np.exp(-(1 + skill + difficulty)))).astype(int)


@pytest.mark.parametrize("spread", [0.0, 0.4, 0.8])
@pytest.mark.parametrize("seeds", [3, 5])
def test_intervals_of_accuracy_hold_the_truth_whatever_the_seeds_do(seeds: int, spread: float) -> None:
    generator = np.random.default_rng(seeds)
    wide = generator.normal(0, 1.5, 200_000)[None]
    truth = float(drawn(generator, 4000, 50, spread, generator.normal(0, 1.5, (4000, 50))).mean())
    held_mean, held_difference = 0, 0
    for _ in range(300):
        images = generator.choice(wide[0], 200)[None]
        a, b = (drawn(generator, seeds, 200, spread, images).tolist() for _ in range(2))
        mean, difference = accuracy_over_seeds(a), paired_difference(a, b)
        held_mean += float(mean.low or 0) <= truth <= float(mean.high or 1)
        held_difference += difference.low <= 0 <= difference.high
    assert held_mean >= 0.92 * 300
    assert held_difference >= 0.92 * 300


def test_differences_of_accuracy_are_found_and_equal_answers_are_not_certain() -> None:
    a, b = [[1, 0] * 100] * 3, [[1, 1, 1, 0] * 50] * 3
    found = paired_difference(a, b)
    assert (found.value, found.n) == (0.25, 200)
    assert found.low > 0
    assert found.p < 1e-6
    same = paired_difference(a, a)
    assert same.value == 0
    assert 0 < same.high == -same.low < 0.02
    assert same.p == 1
    apart = paired_difference([[0] * 100] * 3, [[1] * 40 + [0] * 60, [1] * 10 + [0] * 90, [0] * 100])
    assert apart.low < 0  # one seed of three made it
    with pytest.raises(ValueError, match="are no pairs"):
        paired_difference([[1, 0]], [[1]])


def test_eight_rounds_can_tell_a_slowdown_in_a_long_table() -> None:
    draw = random.Random(2)
    slow = [
        paired_ratio(a, [2 * x * draw.gauss(1, 0.003) for x in a]) for a in [[10.0, 11, 10, 12, 10, 11, 10, 9]] * 20
    ]
    assert max(holm([ratio.p for ratio in slow])) < 0.001


def test_the_frontier_keeps_what_nothing_dominates() -> None:
    assert pareto_frontier([(1, 1), (2, 3), (3, 2), (2, 3)]) == [0, 1, 3]


def test_what_ratios_have_in_common_is_their_median_and_is_taken_off() -> None:
    ratios = [RatioInterval(r, r * 0.99, r * 1.01, 10, 0.0) for r in (1.07, 1.06, 1.08, 1.07, 2.0)]
    common = common_movement(ratios)
    assert common is not None
    assert common.ratio == pytest.approx(1.07)
    assert common.low < 1.07 < common.high < 1.1
    odd = relative_to(ratios[-1], common)
    assert odd.ratio == pytest.approx(2.0 / 1.07)
    assert odd.p < 0.001
    assert relative_to(ratios[0], common).low < 1 < relative_to(ratios[0], common).high
    # The interval of what is left is no narrower than either part's.
    assert odd.high / odd.low >= ratios[-1].high / ratios[-1].low
    assert common_movement(ratios[:3]) is None


def test_intervals_against_what_all_have_in_common_hold_the_truth() -> None:
    generator = random.Random(7)
    held = total = 0
    for _ in range(200):
        drift = generator.gauss(0, 0.05)
        ratios = []
        for _ in range(8):
            error = generator.gauss(0, 0.01)
            centre = drift + error
            ratios.append(
                RatioInterval(math.exp(centre), math.exp(centre - 0.0196), math.exp(centre + 0.0196), 10, 0.5)
            )
        common = common_movement(ratios)
        assert common is not None
        for ratio in ratios:
            left = relative_to(ratio, common)
            held += left.low <= 1 <= left.high
            total += 1
    assert held / total >= 0.95

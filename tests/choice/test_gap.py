"""Gaps between candidates: in pairs, apart, exact, and what would settle them."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from tests.results.planted import transfer
from zoo.candidates.candidate import Candidate
from zoo.candidates.candidates import find_candidates
from zoo.choice.gap import Gap, gap
from zoo.choice.margins import Margins
from zoo.errors import ZooError
from zoo.results.view import Results
from zoo.statistics.comparison import paired_difference
from zoo.statistics.measurement import Measurement
from zoo.statistics.resolving import rounds_to_resolve
from zoo.statistics.student import quantile


def candidate(**costs: tuple[float, float, float]) -> Candidate:
    known = {name: Measurement(*one[:1], "ms", *one[1:]) for name, one in costs.items()}
    return Candidate("a/b", "random", known, None, None, 3, None)


def test_the_gap_of_accuracies_is_that_of_their_pairs() -> None:
    records = [transfer("resnet18", "full", 0.7 + 0.02 * seed, seed=seed) for seed in range(3)]
    records += [transfer("vgg16", "full", 0.6 + 0.03 * seed, seed=seed) for seed in range(4)]
    (first, second), _ = find_candidates(Results(records))
    found = gap(first, second, "accuracy")
    right = [[[int(x) for x in r.outcome.samples["correct"]] for r in some] for some in (records[3:6], records[:3])]
    true = paired_difference(*right)
    assert (found.value, found.low, found.high, found.paired) == (true.value, true.low, true.high, True)
    other = gap(second, first, "accuracy")
    assert (other.value, other.low, other.high) == pytest.approx((-true.value, -true.high, -true.low))


def test_of_two_that_were_measured_apart_the_halves_add_in_squares() -> None:
    first, second = candidate(latency=(10.0, 9.0, 11.0)), candidate(latency=(20.0, 18.0, 24.0))
    found = gap(first, second, "latency")
    low = math.log(2) - math.hypot(math.log(20 / 18), math.log(11 / 10))
    high = math.log(2) + math.hypot(math.log(24 / 20), math.log(10 / 9))
    assert (found.value, found.low, found.high) == pytest.approx((1.0, math.exp(low) - 1, math.exp(high) - 1))
    assert not found.paired
    assert found.to_text() == f"a factor of 2.00 [{math.exp(low):.2f}, {math.exp(high):.2f}]"


def test_a_gap_of_rates_is_of_the_higher_one() -> None:
    first, second = candidate(throughput=(120.0, 118.0, 122.0)), candidate(throughput=(100.0, 99.0, 101.0))
    found, other = gap(first, second, "throughput"), gap(second, first, "throughput")
    assert found.value == pytest.approx(0.2)
    assert found.low is not None
    assert found.low > 0
    assert other.value < 0
    assert other.is_behind
    assert not found.is_behind


def test_counts_are_exact() -> None:
    found = gap(candidate(), candidate(), "params")
    assert (found.exact, found.value, found.is_told) == (True, 0.0, False)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Gap(0.021, -0.01, 0.052, paired=True, unit="fraction"), "2.1 points [-1.0, 5.2] in pairs"),
        (Gap(0.021, -0.01, 0.052, unit="fraction"), "2.1 points [-1.0, 5.2]"),
        (Gap(0.5, unit="fraction"), "50.0 points"),
        (Gap(0.031, 0.01, 0.052, paired=True, pairs=9), "3.1% [1.0, 5.2] in the same 9 rounds"),
        (Gap(8.0, 7.9, 8.1, paired=True, pairs=7), "a factor of 9.00 [8.90, 9.10] in the same 7 rounds"),
    ],
)
def test_a_gap_in_words(found: Gap, text: str) -> None:
    assert found.to_text() == text


def test_rounds_to_resolve_are_the_first_that_do() -> None:
    draw = random.Random(2)
    logs = [draw.gauss(0.004, 0.02) for _ in range(8)]
    mean = math.fsum(logs) / 8
    spread = math.sqrt(math.fsum((x - mean) ** 2 for x in logs) / 7)
    found = rounds_to_resolve(logs)
    assert found is not None

    def half(rounds: int) -> float:
        return quantile(0.975, rounds - 1) * spread / math.sqrt(rounds)

    assert found > 8
    assert half(found) < abs(mean) <= half(found - 1)
    assert rounds_to_resolve([1e-9, -1e-9, 0.5, -0.5]) is None
    with pytest.raises(ValueError, match="one round"):
        rounds_to_resolve([0.1])


@pytest.mark.parametrize("wrong", [-1, float("nan"), "1", True, None])
def test_margins_are_numbers_of_at_least_zero(wrong: Any) -> None:
    with pytest.raises(ZooError, match="margin must be a number of at least 0"):
        Margins(points=wrong)
    with pytest.raises(ZooError, match=r"margin.latency must be a number of at least 0"):
        Margins(share=wrong)

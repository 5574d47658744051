"""The number of seeds that would tell two accuracies apart is one that does so in half of all repetitions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from zoo.statistics.comparison import paired_difference
from zoo.statistics.intervals import spread_of, two_way
from zoo.statistics.resolving import seeds_to_resolve

IMAGES = 500


def pairs(
    rng: np.random.Generator, seeds: int, gain: float, of_seeds: float, of_images: NDArray[np.float64]
) -> tuple[list[list[int]], list[list[int]]]:
    """Two models on the same images: the second is better by a gain that differs from seed to seed."""
    luck = rng.normal(0, of_seeds, (seeds, 1))
    ease = 0.7 + of_images
    a = rng.random((seeds, IMAGES)) < ease
    b = rng.random((seeds, IMAGES)) < ease + gain + luck
    return a.astype(int).tolist(), b.astype(int).tolist()


def test_so_many_seeds_resolve_it_in_about_half_of_all_repetitions_and_a_third_of_them_seldom() -> None:
    rng = np.random.default_rng(0)
    none = np.zeros(IMAGES)
    needed = seeds_to_resolve(*pairs(rng, 200, 0.03, 0.04, none))
    assert needed is not None
    assert 8 <= needed <= 20

    def resolved(seeds: int) -> float:
        found = [paired_difference(*pairs(rng, seeds, 0.03, 0.04, none)) for _ in range(200)]
        return float(np.mean([one.low > 0 for one in found]))

    assert 0.3 < resolved(needed) < 0.75
    assert resolved(max(2, needed // 3)) < 0.3
    assert resolved(3 * needed) > 0.85


def test_few_seeds_expect_about_what_many_know() -> None:
    rng = np.random.default_rng(1)
    none = np.zeros(IMAGES)
    known = seeds_to_resolve(*pairs(rng, 300, 0.03, 0.04, none))
    told = [seeds_to_resolve(*pairs(rng, 8, 0.03, 0.04, none)) or 1000 for _ in range(100)]
    assert known is not None
    assert known / 2 < np.median(told) < known * 2


def test_where_the_images_alone_keep_it_open_no_number_of_seeds_does() -> None:
    rng = np.random.default_rng(2)
    turned = rng.choice([-1, 1], IMAGES, p=[0.49, 0.51])  # each model is surely right on images of its own
    a, b = np.tile(turned < 0, (4, 1)).astype(int), np.tile(turned > 0, (4, 1)).astype(int)
    b[0, :5] = 1 - b[0, :5]
    assert not paired_difference(a.tolist(), b.tolist()).low > 0
    assert seeds_to_resolve(a.tolist(), b.tolist()) is None


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_what_is_open_needs_more_seeds_than_it_has_and_what_is_told_no_more(seeds: int) -> None:
    rng = np.random.default_rng(seeds)
    a, b = pairs(rng, seeds, 0.28, 0.0, np.zeros(IMAGES))
    assert paired_difference(a, b).low > 0
    assert (seeds_to_resolve(a, b) or 1000) <= seeds
    a, b = pairs(rng, seeds, 0.01, 0.05, np.zeros(IMAGES))
    found = paired_difference(a, b)
    assert found.low < 0 < found.high
    assert (seeds_to_resolve(a, b) or 1000) > seeds


def test_at_its_own_seeds_the_spread_is_the_interval() -> None:
    table = np.random.default_rng(4).integers(-1, 2, (4, 50)).astype(float).tolist()
    found = spread_of(table)
    assert found.at(4) == two_way(table)
    assert found.at(8).variance < found.at(4).variance < found.at(2).variance


@pytest.mark.parametrize("shape", [(1, 50), (3, 1)])
def test_one_seed_or_one_image_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no pairs"):
        seeds_to_resolve(np.zeros(shape).tolist(), np.ones(shape).tolist())


def test_among_many_differences_it_takes_more_seeds() -> None:
    rng = np.random.default_rng(3)
    sides = pairs(rng, 6, 0.03, 0.04, np.zeros(IMAGES))
    alone, among = seeds_to_resolve(*sides), seeds_to_resolve(*sides, confidence=1 - 0.05 / 10)
    assert alone is not None
    assert among is not None
    assert among > alone
    spread, least = spread_of((np.array(sides[1]) - np.array(sides[0])).tolist()), 1 / (IMAGES + 2) ** 2
    assert abs(spread.mean) > spread.at(among, least).half_width(0.995)
    assert abs(spread.mean) <= spread.at(among - 1, least).half_width(0.995)

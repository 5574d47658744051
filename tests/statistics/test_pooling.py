"""A pooled ratio carries groups, seeds and images, and its interval holds the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from zoo.statistics.comparison import paired_difference
from zoo.statistics.pooling import Part, plain, pooled

SEEDS, IMAGES = (0, 1, 2), 200


def drawn(rng: np.random.Generator, truth: float) -> NDArray[np.float64]:
    return (rng.random((len(SEEDS), IMAGES)) < truth).astype(float)


def part(group: str, right: NDArray[np.float64], control: NDArray[np.float64]) -> Part:
    return Part(group, SEEDS, (right - control).tolist(), (1 - control).tolist())


def test_of_one_group_a_mean_is_the_paired_difference() -> None:
    rng = np.random.default_rng(0)
    a, b = drawn(rng, 0.4), drawn(rng, 0.6)
    found, known = pooled([plain("one", SEEDS, (b - a).tolist())]), paired_difference(a.tolist(), b.tolist())
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((known.value, known.low, known.high))
    assert found.n == 1


def test_a_ratio_is_of_means_and_its_spread_over_groups_is_the_known_formula() -> None:
    rng = np.random.default_rng(1)
    sides = [(drawn(rng, a), drawn(rng, b)) for a, b in ((0.8, 0.4), (0.7, 0.5), (0.5, 0.45), (0.9, 0.3))]
    found = pooled([part(str(place), *side) for place, side in enumerate(sides)])
    over = np.array([float((a - b).mean()) for a, b in sides])
    under = np.array([float((1 - b).mean()) for _, b in sides])
    ratio = over.sum() / under.sum()
    of_groups = stats.sem(over - ratio * under) / under.mean() * stats.t.ppf(0.975, 3)
    assert found is not None
    assert found.value == pytest.approx(ratio)
    assert found.low is not None
    half = found.value - found.low
    assert half > of_groups
    table = np.mean([(a - b - ratio * (1 - b)) / under.mean() for a, b in sides], axis=0)
    of_both = paired_difference(np.zeros_like(table).tolist(), table.tolist())
    assert half == pytest.approx(math.hypot(of_groups, (of_both.high - of_both.low) / 2))


def test_groups_weigh_alike_however_many_cells_they_have() -> None:
    cells = [plain(group, (0, 1), [[x], [x + 1]]) for group, x in (("a", 0.0), ("a", 2.0), ("b", 11.0))]
    found = pooled(cells, "nats")
    assert found is not None
    assert (found.value, found.n, found.unit) == (pytest.approx((1.5 + 11.5) / 2), 2, "nats")
    assert found.low is not None
    groups = stats.t.ppf(0.975, 1) * 10 / math.sqrt(2) / math.sqrt(2)
    seeds = stats.t.ppf(0.975, 1) * math.sqrt(0.5) / math.sqrt(2)
    assert found.value - found.low == pytest.approx(math.hypot(groups, seeds))


def test_what_a_cell_lacks_of_seeds_or_has_of_other_images_moves_nothing() -> None:
    whole = plain("a", (0, 1, 2), [[1.0, 0.0], [1.0, 1.0], [1.0, 0.0]])
    one = plain("b", (2,), [[1.0, 0.0]])
    found = pooled([whole, one])
    assert found is not None
    assert found.value == pytest.approx((4 / 6 + 1 / 2) / 2)
    again = pooled([whole, one, plain("c", (0,), [[0.0] * 9])])
    assert again == found


def test_nothing_to_divide_by_and_one_number_alone() -> None:
    assert pooled([]) is None
    assert pooled([Part("a", (0,), [[0.0]], [[0.0]])]) is None
    found = pooled([plain("a", (0,), [[0.5]])])
    assert found is not None
    assert (found.value, found.low, found.high) == (0.5, None, None)


@pytest.mark.parametrize("groups", [1, 2, 5])
def test_the_interval_holds_the_truth(groups: int) -> None:
    """Of groups whose own ratios differ, and share images that are easy and hard."""
    rng, held, runs = np.random.default_rng(groups), 0, 200
    for _ in range(runs):
        ease = rng.normal(0, 0.1, IMAGES)
        parts = []
        for place in range(groups):
            own = 0.6 + (rng.normal(0, 0.08) if groups > 1 else 0.0)
            right = (rng.random((3, IMAGES)) < own + ease).astype(float)
            control = (rng.random((3, IMAGES)) < 0.2 + ease).astype(float)
            parts.append(part(str(place), right, control))
        found = pooled(parts)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.4 / 0.8 <= found.high
    assert held / runs >= 0.92

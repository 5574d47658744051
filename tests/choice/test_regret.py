"""Picks are held against the best of a grid whose cells are planted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.regret import Cell, cell_of, random_regrets, regret, taken_by


def cell(model: str, hits: int, *, strategy: str = "full", rate: float | None = 1e-3, **given: Any) -> Cell:
    """A cell of two seeds with so many of ten images right at each, unless ``right`` says others."""
    right = ("1" * hits + "0" * (10 - hits),) * 2
    return Cell(model, strategy, rate, **({"own": True, "right": right, "seconds": (1.0, 1.0)} | given))


def test_regret_is_the_difference_of_means_in_points() -> None:
    best, pick = cell("a/one", 9), cell("a/two", 7, right=("1111111000", "1111110000"))
    found = regret(best, pick)
    assert found["regret"] == 25.0
    assert found["low"] < 25.0 < found["high"]  # type: ignore[operator]
    assert regret(best, best) == {"regret": 0.0, "low": 0.0, "high": 0.0}
    assert regret(best, None) == {"regret": None}


def test_a_training_that_failed_has_nothing_right() -> None:
    assert cell("a/one", 0, right=("", "1111111111")).accuracy == 0.5
    assert regret(cell("a/one", 9), cell("a/two", 0, right=("", ""))) == {"regret": 90.0}


def test_a_random_search_takes_the_best_of_what_it_has_time_for() -> None:
    cells = [cell("a/best", 9), cell("a/middle", 8), cell("a/worst", 4)]
    everything = random_regrets(cells, 3.0, np.random.default_rng(0), 200)
    assert everything == pytest.approx(0.0)
    one = random_regrets(cells, 1.0, np.random.default_rng(0), 6000)
    assert one.mean() == pytest.approx((0 + 10 + 50) / 3, abs=1.0)
    none = random_regrets(cells, 0.5, np.random.default_rng(0), 6000)
    assert sorted(set(np.round(none))) == [0, 10, 50]


def test_a_random_search_is_judged_by_all_seeds_and_chooses_by_the_first() -> None:
    lucky = cell("a/lucky", 0, right=("1111111111", "0000000000"))
    steady = cell("a/steady", 9)
    assert random_regrets([lucky, steady], 2.0, np.random.default_rng(0), 5) == pytest.approx(40.0)


def test_the_biggest_is_taken_at_the_own_rate_of_each_strategy() -> None:
    cells = [
        cell("a/small", 9),
        cell("a/big", 5),
        cell("a/big", 8, rate=3e-3, own=False),
        cell("a/big", 6, strategy="classifier", rate=None),
    ]
    found = taken_by(cells, {"a/small": 1.0, "a/big": 2.0})
    assert found == {"full": cells[1], "classifier": cells[3]}


def test_a_choice_is_found_among_the_cells() -> None:
    cells = [cell("a/one", 9), cell("a/one", 8, rate=3e-3, own=False), cell("a/one", 7, strategy="knn", rate=None)]

    def choice(strategy: str, rate: float | None) -> Any:
        settings = SimpleNamespace(rate=rate)
        chosen = SimpleNamespace(model="a/one", strategy=strategy, transfer=SimpleNamespace(settings=settings))
        return SimpleNamespace(chosen=chosen)

    assert cell_of(cells, choice("full", 0.003 * (1 + 1e-12))) is cells[1]
    assert cell_of(cells, choice("knn", None)) is cells[2]
    assert cell_of(cells, None) is None
    assert cell_of(cells, SimpleNamespace(chosen=None)) is None
    with pytest.raises(SystemExit, match="no cell of the grid"):
        cell_of(cells, choice("full", 1e-4))

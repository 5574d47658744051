"""Who goes on: ranks of three scores, a place in three for the prior, and the best rates and strategies."""

from __future__ import annotations

from itertools import pairwise

import pytest

from zoo.searching.halving import PARTS, Scored, by_prior, by_scores, common_rates, in_places, survivors


def scored(model: str, probe: float, knn: float = 0.5, logme: float = 0.0, top1: float | None = None) -> Scored:
    return Scored(model, probe, knn, logme, top1, macs=1e9)


def test_the_probe_counts_as_much_as_the_two_other_scores_together() -> None:
    found = by_scores([scored("a", 0.9, knn=0.1, logme=-1.0), scored("b", 0.1, knn=0.9, logme=1.0), scored("c", 0.5)])
    assert found == ["a", "b", "c"], "all have rank 1 in the mean, and the names decide"
    found = by_scores([scored("a", 0.9, knn=0.1, logme=-1.0), scored("b", 0.8, knn=0.9, logme=1.0), scored("c", 0.5)])
    assert found[0] == "b"


def test_equal_scores_share_a_rank_and_the_smaller_model_goes_first() -> None:
    one, other = Scored("large", 0.5, 0.5, 0.0, macs=2e9), Scored("small", 0.5, 0.5, 0.0, macs=1e9)
    assert by_scores([one, other]) == ["small", "large"]


def test_the_prior_is_published_top1_and_then_size() -> None:
    models = [Scored("own", 0.5, 0.5, 0.0, None, 9e9), Scored("tiny", 0.5, 0.5, 0.0, None, 1e9)]
    models += [Scored("good", 0.5, 0.5, 0.0, 80.0, 1e9), Scored("fair", 0.5, 0.5, 0.0, 70.0, 5e9)]
    assert by_prior(models) == ["good", "fair", "own", "tiny"]


def test_every_third_place_is_that_of_the_best_by_the_prior_of_those_left() -> None:
    values = {name: 0.9 - place / 10 for place, name in enumerate("abcdefgh")}
    models = [scored(name, value, value, value, 100 - value) for name, value in values.items()]
    assert in_places(models) == [
        ("a", False), ("b", False), ("h", True), ("c", False), ("d", False), ("g", True), ("e", False), ("f", False),
    ]  # fmt: skip


def arms(text: str) -> list[tuple[str, str]]:
    return [(pair[0], pair[1]) for pair in text.split()]


def test_the_best_rate_of_each_model_and_strategy_goes_on_first() -> None:
    ranked = arms("af af bf al al bf af al bl bl bl bf")
    assert survivors(ranked, PARTS[0], 3) == [0, 2, 3, 8]


@pytest.mark.parametrize(
    ("ranked", "kept"),
    [
        ("al bl af bf cl cf", [0, 1, 2, 4]),
        ("al af", [0, 1]),
        ("al bl cl dl df", [0, 1, 2, 4]),
        ("al bl", [0, 1]),
        ("", []),
    ],
)
def test_then_the_best_of_each_strategy_and_of_each_of_the_best_models(ranked: str, kept: list[int]) -> None:
    assert survivors(arms(ranked), PARTS[1], 3) == kept


def test_where_all_rates_go_on_half_of_the_models_of_a_strategy_do_after_the_first_part() -> None:
    ranked = arms("al bl al cl af dl bf cl bl cf dl df af")
    assert survivors(ranked, PARTS[0], 1, rates=True) == [0, 1, 2, 4, 6, 8, 12]
    assert survivors(ranked, PARTS[0], 3, rates=True) == [0, 1, 2, 3, 4, 6, 7, 8, 9, 12]


def test_and_later_every_rate_of_a_model_and_strategy_whose_best_one_goes_on() -> None:
    ranked = arms("al bl al cl af bl cl bf cf af")
    assert survivors(ranked, PARTS[1], 2, rates=True) == [0, 1, 2, 4, 5, 9]
    assert survivors(ranked, PARTS[1], 2) == [0, 1, 4]


def test_a_common_rate_is_the_best_over_the_models_that_have_all() -> None:
    scores = {
        ("a", "full", 1.0): 0.5, ("a", "full", 3.0): 0.7, ("b", "full", 1.0): 0.6, ("b", "full", 3.0): 0.5,
        ("c", "full", 1.0): 0.9,  # not at every rate
        ("a", "lp_ft", 1.0): 0.9, ("b", "lp_ft", 2.0): 0.8,
    }  # fmt: skip
    assert common_rates(scores) == {"full": 3.0}
    assert common_rates({}) == {}


def test_parts_of_the_steps_grow_to_the_whole() -> None:
    assert PARTS[-1] == 1.0
    assert all(earlier < later for earlier, later in pairwise(PARTS))

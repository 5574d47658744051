"""Who goes on: ranks of three scores, a place in four for the prior, and a third of the arms."""

from __future__ import annotations

from itertools import pairwise

import pytest

from zoo.searching.halving import ETA, PARTS, Scored, by_prior, by_scores, in_places, survivors


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


def test_every_fourth_place_is_that_of_the_best_by_the_prior_of_those_left() -> None:
    values = {name: 0.9 - place / 10 for place, name in enumerate("abcdefgh")}
    models = [scored(name, value, value, value, 100 - value) for name, value in values.items()]
    assert in_places(models) == [
        ("a", False), ("b", False), ("c", False), ("h", True), ("d", False), ("e", False), ("f", False), ("g", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("models", "kept"),
    [
        ("a" * 27, list(range(9))),
        ("a" * 28, list(range(10))),
        ("aaaaaabbbccd", [0, 1, 2, 3, 6, 9]),
        ("abcd", [0, 1, 2]),
        ("ab", [0, 1]),
        ("", []),
    ],
)
def test_a_third_goes_on_and_the_best_arm_of_each_of_the_best_models(models: str, kept: list[int]) -> None:
    assert survivors(models, 3) == kept


def test_parts_of_the_steps_grow_as_arms_are_dropped() -> None:
    assert PARTS[-1] == 1.0
    assert all(abs(later / earlier - ETA) < 1e-9 for earlier, later in pairwise(PARTS))

"""A family's models come in an order of which every beginning is spread over the family."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zoo.plans.sample import halving, turn_in_family


def test_the_middle_comes_first_and_then_the_middles_of_what_it_leaves() -> None:
    assert [halving(count) for count in range(6)] == [[], [0], [0, 1], [1, 0, 2], [1, 0, 2, 3], [2, 0, 3, 1, 4]]
    assert halving(7) == [3, 1, 5, 0, 2, 4, 6]


@given(st.integers(0, 300))
def test_every_place_comes_once(count: int) -> None:
    assert sorted(halving(count)) == list(range(count))


@given(st.integers(1, 300), st.integers(0, 8))
def test_each_whole_level_leaves_gaps_that_are_equal_but_for_one(count: int, level: int) -> None:
    taken = sorted(halving(count)[: 2**level - 1])
    if len(taken) == 2**level - 1 < count:
        gaps = [b - a - 1 for a, b in zip([-1, *taken], [*taken, count], strict=True)]
        assert max(gaps) - min(gaps) <= 1


def test_turns_are_by_work_within_each_family_and_of_two_the_cheaper_comes_first() -> None:
    models = {"dear": ("a", 9.0), "cheap": ("a", 1.0), "middle": ("a", 2.0), "b2": ("b", 5.0), "b1": ("b", 4.0)}
    assert turn_in_family(models) == {"middle": 0, "cheap": 1, "dear": 2, "b1": 0, "b2": 1}


def test_equal_work_is_in_the_order_of_names_whatever_that_of_the_models() -> None:
    models = dict.fromkeys("cab", ("a", 1.0))
    assert turn_in_family(models) == {"b": 0, "a": 1, "c": 2}

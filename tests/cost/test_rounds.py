"""Orders are balanced, rounds as long as they should be, warm-ups end when times settle."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.cost.protocol import Protocol
from zoo.cost.rounds import balanced_orders, collect_round, is_resolved, warm_up


@given(st.integers(1, 6), st.integers(0, 1000))
def test_every_item_holds_every_place_once_a_block(size: int, seed: int) -> None:
    block = list(islice(balanced_orders(range(size), seed), size))
    for item in range(size):
        assert Counter(order.index(item) for order in block) == dict.fromkeys(range(size), 1)


def test_orders_are_those_of_the_seed() -> None:
    assert list(islice(balanced_orders("abcd", 7), 9)) == list(islice(balanced_orders("abcd", 7), 9))
    assert list(islice(balanced_orders("abcd", 7), 9)) != list(islice(balanced_orders("abcd", 8), 9))


@pytest.mark.parametrize(
    ("call_s", "recorded"),
    [(0.001, 100), (0.030, 5), (0.2, 3), (4.0, 1)],
    ids=["until 0.1 s", "at least five", "cut at 0.5 s", "one very slow call"],
)
def test_a_round_is_bounded_on_both_sides(call_s: float, recorded: int) -> None:
    calls = []

    def time_call() -> tuple[float, None]:
        calls.append(1)
        return call_s, None

    times = collect_round(time_call, Protocol())
    assert len(times) == pytest.approx(recorded, abs=1)
    assert len(calls) == len(times) + 1  # the first is not recorded


def test_warm_up_ends_once_two_medians_agree() -> None:
    durations = iter([0.05] * 5 + [0.02] * 5 + [0.0201] * 5 + [9.9])
    spent, warm = warm_up(lambda: (next(durations), None), Protocol())
    assert warm
    assert spent == pytest.approx(0.25 + 0.1 + 0.1005)


def test_a_model_that_never_settles_is_said_to_be_cold() -> None:
    state = [0.01]

    def faster_and_faster() -> tuple[float, None]:
        state[0] *= 1.05
        return state[0], None

    _, warm = warm_up(faster_and_faster, Protocol(warmup_s=1.0))
    assert not warm


def test_resolved_needs_eight_rounds_and_a_narrow_interval() -> None:
    protocol = Protocol()
    assert not is_resolved([10.0] * 7, protocol)
    assert is_resolved([10.0] * 8, protocol)
    assert is_resolved([10.0, 20.0], protocol, enough=2)
    assert not is_resolved([10.0], protocol, enough=2)
    assert not is_resolved([10.0, 11.0] * 4, protocol)

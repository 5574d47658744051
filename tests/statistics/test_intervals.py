"""What is said of a machine's movement holds on machines that move as planted."""

from __future__ import annotations

import math

import numpy as np
import pytest

from zoo.statistics.intervals import FEWEST_COHORTS, movement


def test_of_few_cohorts_nothing_is_said() -> None:
    assert movement([10.0] * (FEWEST_COHORTS - 1)) is None
    assert movement([10.0] * FEWEST_COHORTS) == 0.0


def test_it_is_the_same_in_any_unit_and_in_any_order() -> None:
    times = [24.0, 25.0, 26.0, 24.5, 25.5, 25.0]
    assert movement([1000 * ms for ms in reversed(times)]) == pytest.approx(movement(times))
    # Student's 2.570582 of five degrees of freedom.
    assert movement(times) == pytest.approx(2.570582 * 0.02829956)


@pytest.mark.parametrize(("count", "most"), [(FEWEST_COHORTS, 1.0), (30, 0.97)])
def test_so_far_lies_a_cohort_off_in_one_of_twenty_at_most(count: int, most: float) -> None:
    generator = np.random.default_rng(count)
    logs = generator.normal(3.0, 0.05, (4000, count))
    within = [abs(one[-1] - 3.0) <= (movement([math.exp(value) for value in one]) or 0.0) for one in logs]
    assert 0.94 <= np.mean(within) <= most

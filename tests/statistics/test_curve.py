"""Planted curves: where they end, where their knee is, and how sure that is."""

from __future__ import annotations

import math
import random

import pytest

from zoo.statistics.curve import LONGEST_CALL_S, CurvePoint, beyond, flat_since, knee, rate_ratio, why_ended
from zoo.statistics.intervals import summarise_rounds
from zoo.statistics.measurement import Measurement


def rate(value: float, half: float | None = 0.01) -> Measurement:
    if half is None:
        return Measurement(value, "images/s", n=3)
    return Measurement(value, "images/s", value * (1 - half), value * (1 + half), 8)


def curve(*values: float | None, half: float | None = 0.01, why: str = "oom") -> list[CurvePoint]:
    """Points at 1, 2, 4 and so on; None did not run."""
    return [
        CurvePoint(2**place, None, why) if value is None else CurvePoint(2**place, rate(value, half))
        for place, value in enumerate(values)
    ]


def ended_at(points: list[CurvePoint]) -> tuple[int, str]:
    """The last batch that is measured, and why nothing larger is."""
    for count in range(1, len(points) + 1):
        if why := why_ended(points[:count]):
            return points[count - 1].batch, why
    return points[-1].batch, ""


def test_a_curve_ends_two_flat_steps_after_it_stopped_to_rise() -> None:
    assert ended_at(curve(100, 180, 300, 400, 404, 402, 410)) == (32, "flat since 8")


def test_a_rising_curve_goes_on() -> None:
    assert ended_at(curve(*(1000 * 1.06**place for place in range(9)))) == (256, "")


def test_slow_growth_over_two_steps_counts() -> None:
    # 3% a step is little, and over 6% in two: the second of two steps is held against what was before both.
    assert ended_at(curve(*(1000 * 1.03**place for place in range(9)))) == (256, "")
    assert ended_at(curve(*(1000 * 1.02**place for place in range(9)))) == (4, "flat since 1")


@pytest.mark.parametrize("teeth", [(100, 180, 170, 230, 220, 300), (100, 104, 150, 145, 260, 250)])
def test_one_tooth_of_a_sawtooth_ends_nothing(teeth: tuple[float, ...]) -> None:
    assert ended_at(curve(*teeth))[1] == ""


def test_two_teeth_that_only_come_back_to_the_best_end_it() -> None:
    assert ended_at(curve(100, 180, 150, 182, 150, 183)) == (8, "flat since 2")


def test_a_batch_that_did_not_run_ends_it() -> None:
    assert ended_at(curve(100, 200, None, 400)) == (4, "oom at 4")
    assert ended_at(curve(None, why="failed")) == (1, "failed at 1")


def test_no_call_is_tried_that_is_expected_to_be_too_long() -> None:
    # 8 images in 2 s: 16 would take 4.
    assert ended_at(curve(1, 2, 3, 4, 5)) == (8, "a call of 16 would take about 4 s")
    just = 16 / LONGEST_CALL_S
    assert why_ended([CurvePoint(8, rate(just * 1.001))]) == ""
    assert why_ended([CurvePoint(8, rate(just * 0.999))]) != ""


def test_what_noise_may_hide_is_no_flatness() -> None:
    flat = (100.0, 180.0, 181.0, 181.0)
    assert flat_since(curve(*flat, half=0.05)) == 2
    # Two intervals of ±15% do not exclude a gain of a fifth.
    assert flat_since(curve(*flat, half=0.15)) is None
    assert flat_since(curve(*flat, half=None)) is None
    # What fell by a third did not gain, however wide that is.
    assert flat_since(curve(100, 180, 120, 120, half=0.15)) == 2


def test_two_points_are_never_flat() -> None:
    assert flat_since(curve(100, 100)) is None
    assert flat_since(curve(100, 100, 100)) == 1
    assert flat_since([]) is None
    assert why_ended([]) == ""


def test_a_noisy_plateau_ends_and_a_rise_under_the_same_noise_does_not_end_early() -> None:
    early = late = 0
    for seed in range(200):
        draw = random.Random(seed)

        def measured(truth: float, draw: random.Random = draw) -> Measurement:
            return summarise_rounds([truth * draw.lognormvariate(0, 0.03) for _ in range(10)], "images/s")

        rising = [CurvePoint(2**i, measured(100 * 1.15**i)) for i in range(6)]
        level = [CurvePoint(2**i, measured(100)) for i in range(6)]
        early += bool(ended_at(rising)[1])
        late += not ended_at(level)[1]
    assert early == 0
    assert late == 0


def test_the_knee_of_a_monotone_curve_is_the_first_batch_within_five_percent() -> None:
    found = knee(curve(100, 180, 250, 300, 310, 312))
    assert found is not None
    assert (found.point.batch, found.best.batch) == (8, 32)
    assert found.times.value == 3.0
    assert found.times.low == pytest.approx(3 * math.exp(-math.hypot(math.log(0.99), math.log(1.01))))


def test_the_knee_of_a_sawtooth_is_its_first_tooth_that_reaches() -> None:
    found = knee(curve(100, 300, 220, 310, 240, 312))
    assert found is not None
    assert (found.point.batch, found.best.batch) == (2, 32)


def test_a_knee_by_intervals_lies_between_what_may_be_near_and_what_surely_is() -> None:
    # 280 of 300 is 93.3%: with ±3% it may be 95%. 290 is 96.7%: it may be less. 300 is the best itself.
    found = knee(curve(100, 280, 290, 300, half=0.03))
    assert found is not None
    assert [point.batch for point in (found.first, found.point, found.last)] == [2, 4, 8]
    exact = knee(curve(100, 280, 290, 300, half=0.001))
    assert exact is not None
    assert [point.batch for point in (exact.first, exact.point, exact.last)] == [4, 4, 4]


def test_without_intervals_only_the_best_is_surely_near() -> None:
    found = knee(curve(100, 290, 300, half=None))
    assert found is not None
    assert [point.batch for point in (found.first, found.point, found.last)] == [2, 2, 4]
    assert found.times == Measurement(2.9, "times")


def test_one_point_is_its_own_knee() -> None:
    found = knee(curve(100))
    assert found is not None
    assert found.point == found.first == found.last == found.best
    assert (found.times.value, found.times.low, found.times.high) == (1.0, 1.0, 1.0)


def test_a_knee_leaves_out_what_did_not_run_and_heeds_no_order() -> None:
    found = knee(list(reversed(curve(None, 180, 300, None))))
    assert found is not None
    assert (found.point.batch, found.best.batch) == (4, 4)
    assert found.times.value == pytest.approx(300 / 180)
    assert knee(curve(None)) is None
    assert knee([]) is None


def test_the_interval_of_a_ratio_covers_as_often_as_it_says() -> None:
    draw, held, times = random.Random(1), 0, 400
    for _ in range(times):
        a, b = (summarise_rounds([m * draw.lognormvariate(0, 0.05) for _ in range(10)], "images/s") for m in (90, 60))
        ratio = rate_ratio(a, b)
        assert ratio.low is not None
        assert ratio.high is not None
        held += ratio.low <= 1.5 <= ratio.high
    assert held / times >= 0.95


def test_what_is_beyond_is_told_in_a_few_words() -> None:
    assert beyond(curve(1000, 1800, 1810, 1805)) == "flat since 2"
    # Measured further than was needed, it is flat all the same.
    assert beyond(curve(1000, 1800, 1810, 1805, 2500)) == "flat since 2"
    assert beyond(curve(1000, 1800, None)) == "oom at 4"
    assert beyond(curve(1000, 1800, 2500)) == "not flat at 4"
    assert beyond(curve(1, 1)) == "a call of 4 would take about 4 s"

"""Rates over batches: where a curve ends, and where its knee lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Sequence


GAIN, UNSURE = 0.05, 0.20
"""A step is flat that gains less than the first, of which the interval's upper end is less than the second."""

FLAT_STEPS = 2
"""A curve is a sawtooth: one flat step may be a tooth."""

LONGEST_CALL_S = 3.0
"""No larger batch is tried whose call is expected to take longer: six rounds of it would take minutes."""

WITHIN = 0.05
"""The knee is the smallest batch whose rate lies so near to the best."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What came of one batch.

    Attributes
    ----------
    batch : int
        Images a call.
    rate : Measurement or None
        Images a second; None where it did not run.
    why : str
        In a word why it did not: ``"oom"``.
    """

    batch: int
    rate: Measurement | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Knee:
    """The smallest batch that is nearly as good as the best.

    Attributes
    ----------
    point : CurvePoint
    first, last : CurvePoint
        The smallest batch that may be it, and the smallest that surely lies as near to the best.
    best : CurvePoint
        Of the highest rate.
    times : Measurement
        How many times the rate of the smallest batch it has, with its interval.
    """

    point: CurvePoint
    first: CurvePoint
    last: CurvePoint
    best: CurvePoint
    times: Measurement


def rate_ratio(rate: Measurement, over: Measurement) -> Measurement:
    """Ratio of two rates that were measured at different times.

    Its interval is made from theirs on the log scale, end by end (Zou and Donner, *Stat. Med.* 27, 2008); there is
    none where one of them has none. Of a rate over itself it is one exactly.

    Returns
    -------
    Measurement
        Unit ``"times"``.
    """
    ratio = rate.value / over.value
    if rate is over:
        return Measurement(ratio, "times", ratio, ratio)
    ends = rate.low, rate.high, over.low, over.high
    if any(end is None or end <= 0 for end in ends):
        return Measurement(ratio, "times")
    low, high, over_low, over_high = (math.log(end) for end in ends if end is not None)
    here, there = math.log(rate.value), math.log(over.value)
    down, up = math.hypot(here - low, over_high - there), math.hypot(high - here, there - over_low)
    return Measurement(ratio, "times", ratio * math.exp(-down), ratio * math.exp(up))


def flat_since(points: Sequence[CurvePoint]) -> int | None:
    """The batch after which a curve gained nothing, None where it still may.

    Each of the last two points is held against the best before them. It gains nothing where its rate is less than 5%
    higher, and the interval of their ratio excludes 20%; without an interval it may always gain.
    See docs/measuring.md#throughput-over-batch.

    Parameters
    ----------
    points : sequence of CurvePoint
        Batches that double, all of which ran.
    """
    before = _rated(points[:-FLAT_STEPS])
    if not before or len(_rated(points)) < len(points):
        return None
    best = max((rate for _, rate in before), key=lambda rate: rate.value)
    steps = [rate_ratio(rate, best) for _, rate in _rated(points[-FLAT_STEPS:])]
    flat = all(step.high is not None and step.value < 1 + GAIN and step.high < 1 + UNSURE for step in steps)
    return before[-1][0].batch if flat else None


def why_ended(points: Sequence[CurvePoint]) -> str:
    """Why a curve needs no larger batch, in a few words.

    Empty where it goes on, at twice the last.

    Parameters
    ----------
    points : sequence of CurvePoint
        From the smallest batch on, each twice the one before.
    """
    if not points:
        return ""
    last = points[-1]
    if last.rate is None:
        return f"{last.why} at {last.batch}"
    flat = flat_since(points)
    if flat is not None:
        return f"flat since {flat}"
    seconds = 2 * last.batch / last.rate.value
    return f"a call of {2 * last.batch} would take about {seconds:.0f} s" if seconds > LONGEST_CALL_S else ""


def beyond(points: Sequence[CurvePoint]) -> str:
    """What is known of batches larger than a curve's, in a few words.

    Parameters
    ----------
    points : sequence of CurvePoint
        All there are, the smallest batch first.
    """
    flat = (flat_since(points[: count + 1]) for count in range(len(points)))
    since = next((batch for batch in flat if batch is not None), None)
    if since is not None:
        return f"flat since {since}"
    return why_ended(points) or f"not flat at {points[-1].batch}"


def knee(points: Sequence[CurvePoint]) -> Knee | None:
    """The knee of a curve, None where nothing ran.

    The smallest batch whose rate is at least 95% of the best. How sure that is, the intervals of their ratios say:
    the knee may lie as low as the first batch whose interval reaches 95%, and no higher than the first whose
    interval lies above.

    Parameters
    ----------
    points : sequence of CurvePoint
        In any order, of any batches.
    """
    rated = _rated(sorted(points, key=lambda point: point.batch))
    if not rated:
        return None
    best, highest = max(rated, key=lambda one: one[1].value)
    shares = [(point, rate_ratio(rate, highest)) for point, rate in rated]

    def smallest(ends: Sequence[float | None]) -> CurvePoint:
        near = (point for (point, _), end in zip(shares, ends, strict=True) if end is not None and end >= 1 - WITHIN)
        return next(near)  # the best is as near as can be

    point = smallest([share.value for _, share in shares])
    assert point.rate is not None
    return Knee(
        point,
        smallest([share.value if share.high is None else share.high for _, share in shares]),
        smallest([share.low for _, share in shares]),
        best,
        rate_ratio(point.rate, rated[0][1]),
    )


def _rated(points: Sequence[CurvePoint]) -> list[tuple[CurvePoint, Measurement]]:
    """Those that ran, each with its rate."""
    return [(point, point.rate) for point in points if point.rate is not None]

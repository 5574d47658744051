"""Numbers as tables print them: as many digits as the interval deserves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.statistics.measurement import Measurement


MISSING = "n/a"


def digits_for(measurement: Measurement) -> int:
    """Decimals at which half the interval's width shows two significant digits, at most four."""
    if measurement.low is None or measurement.high is None or measurement.high <= measurement.low:
        magnitude = abs(measurement.value) or 1.0
        return max(0, min(4, 2 - math.floor(math.log10(magnitude))))
    half = (measurement.high - measurement.low) / 2
    return max(0, min(4, 1 - math.floor(math.log10(half))))


def with_interval(measurement: Measurement | None, *, percent: bool = False) -> str:
    """``21.4 [21.1, 21.8]``, or the value alone where no interval can be stated."""
    if measurement is None:
        return MISSING
    from zoo.statistics.measurement import Measurement as Number

    factor = 100 if percent else 1
    shown = Number(
        measurement.value * factor,
        measurement.unit,
        None if measurement.low is None else measurement.low * factor,
        None if measurement.high is None else measurement.high * factor,
        measurement.n,
    )
    decimals = 1 if percent else digits_for(shown)
    if shown.low is None or shown.high is None:
        return f"{shown.value:.{decimals}f}"
    return f"{shown.value:.{decimals}f} [{shown.low:.{decimals}f}, {shown.high:.{decimals}f}]"


def plain(measurement: Measurement | None) -> str:
    """The value alone."""
    return MISSING if measurement is None else f"{measurement.value:.{digits_for(measurement)}f}"


def scaled(number: float | None, unit: float) -> str:
    """A count in millions or billions, with three significant digits."""
    if number is None:
        return MISSING
    value = number / unit
    decimals = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:.{min(decimals, 3)}f}"

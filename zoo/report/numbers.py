"""Numbers as tables print them: as many digits as the interval deserves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.statistics.measurement import Measurement
    from zoo.statistics.quantity import Quantity

MISSING = "n/a"


def digits_for(measurement: Measurement) -> int:
    """Decimals that show two significant digits of half the interval's width.

    At most four; without an interval, as many as show three digits of the value.
    """
    if measurement.low is None or measurement.high is None or measurement.high <= measurement.low:
        magnitude = abs(measurement.value) or 1.0
        return max(0, min(4, 2 - math.floor(math.log10(magnitude))))
    half = (measurement.high - measurement.low) / 2
    return max(0, min(4, 1 - math.floor(math.log10(half))))


def with_interval(measurement: Measurement | None, quantity: Quantity | None = None) -> str:
    """A value with its interval where it has one: ``21.4 [21.1, 21.8]``.

    Parameters
    ----------
    measurement : Measurement or None
        In the unit in which it is kept.
    quantity : Quantity, optional
        What it is of, which says the unit and the decimals in which it is shown.
    """
    if measurement is None:
        return MISSING
    shown = measurement if quantity is None else quantity.shown(measurement)
    stated = None if quantity is None else quantity.decimals
    decimals = digits_for(shown) if stated is None else stated
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

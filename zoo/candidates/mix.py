"""A weighted mix of objectives, such as ``accuracy:1,latency:0.1``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zoo.candidates.quantities import quantities
from zoo.errors import UnknownNameError, ZooError
from zoo.statistics.measurement import Measurement
from zoo.statistics.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable


POINTS = "points"
"""The unit of a mix: what a percentage point of accuracy, or a percent of a cost, is worth by its weight."""


def is_mix(objective: str) -> bool:
    """Whether an objective is a mix of some."""
    return ":" in objective


def parts(objective: str) -> dict[str, float]:
    """Weights of an objective by name, nothing of one that is no mix."""
    if not is_mix(objective):
        return {}
    return {name.strip(): float(weight) for name, _, weight in (part.partition(":") for part in objective.split(","))}


def check_parts(objective: str) -> None:
    """Refuse what is no mix.

    Raises
    ------
    ZooError
        For an unknown or a repeated part, and for a weight that is no number above zero.
    """
    seen = set()
    known = quantities()
    for part in objective.split(","):
        name, _, weight = (text.strip() for text in part.partition(":"))
        if name not in known:
            raise UnknownNameError("objective", name, known, f"permitted: {', '.join(known)}")
        try:
            number = float(weight)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and number > 0):
            raise ZooError(f"a mix is such as accuracy:1,latency:0.1, each weight above 0; {part.strip()!r} is none")
        if name in seen:
            raise ZooError(f"{name} stands twice in {objective!r}")
        seen.add(name)


def quantity_of(objective: str) -> Quantity:
    """What an objective is, a mix among them."""
    return Quantity(objective, objective, POINTS, "higher") if is_mix(objective) else quantities()[objective]


def mixed(objective: str, value: Callable[[str], Measurement | None]) -> Measurement | None:
    """The worth of a candidate by a mix, in points.

    None where a part is not known.

    A point of accuracy counts by its weight, and so does a percent of a cost, on the logarithmic scale. The interval
    has the halves of its parts in squares.

    Parameters
    ----------
    objective : str
    value : callable
        The number of one objective.
    """
    found, below, above = 0.0, 0.0, 0.0
    for name, weight in parts(objective).items():
        known = value(name)
        if known is None or (name != "accuracy" and known.value <= 0):
            return None
        scale = _scale(name, weight)
        at = scale(known.value)
        ends = [scale(end) for end in (known.low, known.high) if end is not None and (name == "accuracy" or end > 0)]
        found += at
        if len(ends) == 2:
            below, above = math.hypot(below, at - min(ends)), math.hypot(above, max(ends) - at)
        elif name not in STATIC:
            below = math.inf
    told = math.isfinite(below)
    return Measurement(found, POINTS, found - below if told else None, found + above if told else None)


STATIC = ("params", "macs")
"""Parts that are counted, and need no interval."""


def _scale(name: str, weight: float) -> Callable[[float], float]:
    """From a number to its worth in points."""
    if name == "accuracy":
        return lambda value: 100 * weight * value
    sign = -1 if quantities()[name].better == "lower" else 1
    return lambda value: sign * 100 * weight * math.log(value)

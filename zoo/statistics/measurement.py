"""One measured number with its unit, its interval and its samples' count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.canonical import JsonObject


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value, its unit, its 95% interval and its sample count.

    Attributes
    ----------
    value : float
        The point estimate (a median for times, a mean for accuracies).
    unit : str
        ``"ms"``, ``"images/s"``, ``"fraction"``, ``"s"``, ``"count"``, ``"bytes"``.
    low, high : float or None
        Ends of the 95% interval; None where no interval can be stated.
    n : int
        Samples behind the value (rounds for times, test images for accuracies).
    """

    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    n: int = 1

    @property
    def relative_half_width(self) -> float | None:
        """Half the interval's width over the value, or None without an interval."""
        if self.low is None or self.high is None or self.value == 0:
            return None
        return (self.high - self.low) / 2 / abs(self.value)

    def overlaps(self, other: Measurement) -> bool:
        """Whether the two intervals share a point.

        A value without an interval is a point.
        """
        low, high = _ends(self)
        other_low, other_high = _ends(other)
        return low <= other_high and other_low <= high

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        return {"value": self.value, "unit": self.unit, "low": self.low, "high": self.high, "n": self.n}

    @classmethod
    def from_dict(cls, data: JsonObject) -> Measurement:
        """Undo :meth:`to_dict`."""
        return cls(**data)


def _ends(measurement: Measurement) -> tuple[float, float]:
    low = measurement.value if measurement.low is None else measurement.low
    high = measurement.value if measurement.high is None else measurement.high
    return low, high

"""A number in a sentence: its interval, and what makes it doubtful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.canonical import JsonObject
    from zoo.statistics.measurement import Measurement


@dataclass(frozen=True, slots=True)
class Marks:
    """What makes a number doubtful.

    Attributes
    ----------
    unconverged : bool
        Whether its interval did not become as narrow as was aimed at.
    flags : tuple of str
        Of its records.
    """

    unconverged: bool = False
    flags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.unconverged or bool(self.flags)

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        return {"unconverged": self.unconverged, "flags": list(self.flags)}


def spread(measurement: Measurement, digits: int) -> str:
    """A value with its interval, where it has one."""
    if measurement.low is None or measurement.high is None:
        return f"{measurement.value:.{digits}f}"
    return f"{measurement.value:.{digits}f} [{measurement.low:.{digits}f}, {measurement.high:.{digits}f}]"


def doubts(measurement: Measurement, marks: Marks | None) -> list[str]:
    """What makes a number doubtful, in words."""
    found = ["no interval"] if measurement.low is None or measurement.high is None else []
    return found + marked(measurement, marks)


def marked(measurement: Measurement | None, marks: Marks | None) -> list[str]:
    """The marks of a number in words, with a width where it is one number."""
    found = []
    if marks and marks.unconverged:
        width = None if measurement is None else measurement.relative_half_width
        found += [*([] if width is None else [f"±{width:.0%}"]), "unconverged"]
    if marks and marks.flags:
        found.append(f"flagged: {', '.join(marks.flags)}")
    return found

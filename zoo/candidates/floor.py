"""What an accuracy has to exceed to be worth a backbone at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.results.number import spread
from zoo.statistics.quantity import ACCURACY, BALANCED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.canonical import JsonObject
    from zoo.results.rows import TransferRow
    from zoo.statistics.measurement import Measurement


PIXELS = "pixels"
"""The strategy that has no backbone: a linear classifier on the images themselves."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What an accuracy does not exceed.

    Attributes
    ----------
    of : str
        Such as ``raw pixels``.
    below : bool
        Whether the accuracy is the lower number, rather than not told apart.
    text : str
        What is so of the accuracy, as a sentence about "it" goes on.
    """

    of: str
    below: bool
    text: str


@dataclass(frozen=True, slots=True)
class Floor:
    """What is reached on a data cell without a backbone.

    Attributes
    ----------
    pixels : Measurement or None
        Accuracy of a linear classifier on raw pixels.
    majority : float or None
        Share of the test images in their most frequent class.
    health : tuple of str
        What is to be known of the task's images, a sentence each.
    """

    pixels: Measurement | None = None
    majority: float | None = None
    health: tuple[str, ...] = ()

    def shortfalls(self, accuracy: Measurement | None) -> tuple[Shortfall, ...]:
        """What of this an accuracy does not exceed by its interval."""
        if accuracy is None:
            return ()
        found = []
        if self.pixels is not None and not _exceeds(accuracy, self.pixels.value, self.pixels.high):
            found.append(_shortfall(accuracy, "raw pixels", self.pixels.value, spread(self.pixels, 3)))
        if self.majority is not None and not _exceeds(accuracy, self.majority, self.majority):
            found.append(_shortfall(accuracy, "the most frequent class", self.majority, f"{self.majority:.3f}"))
        return tuple(found)

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        return {
            "pixels": self.pixels.to_dict() if self.pixels else None,
            "majority": self.majority,
            "task_health": list(self.health),
        }


def _exceeds(accuracy: Measurement, value: float, high: float | None) -> bool:
    """Whether an accuracy is told to be above something."""
    return accuracy.low is not None and high is not None and accuracy.low > high and accuracy.value > value


def _shortfall(accuracy: Measurement, of: str, value: float, shown: str) -> Shortfall:
    if accuracy.value < value:
        return Shortfall(of, True, f"below {of} ({shown})")
    if accuracy.low is None:
        return Shortfall(of, False, f"not told apart from {of} ({shown}): no interval")
    return Shortfall(of, False, f"by its interval no better than {of} ({shown})")


def floor_of(rows: Iterable[TransferRow], probe: str | None, measure: str = ACCURACY.key) -> Floor:
    """What the rows of one data cell say of it, controls among them.

    Parameters
    ----------
    rows : iterable of TransferRow
        Of every strategy, on one task at one number of images a class.
    probe : str or None
        Of the accuracies; pixels that were classified by it come before others.
    measure : str
        Accuracy, or the balanced one, of which always to name one class has the same share whichever it is.
    """
    listed = list(rows)
    pixels = [row for row in listed if row.strategy == PIXELS and row.seeds]
    alike = [row for row in pixels if row.settings.probe == probe] or pixels
    best = max((found for row in alike if (found := row.by(measure))), key=lambda found: found.value, default=None)
    notes = [record.outcome.notes for row in listed for record in row.records]
    shares = [float(share) for note in notes if isinstance(share := note.get("majority"), int | float)]
    if measure == BALANCED.key:
        shares = [1 / count for note in notes if isinstance(count := note.get("classes"), int) and count > 0]
    health = [text for note in notes if isinstance(told := note.get("task_health"), list) for text in told]
    return Floor(best, shares[-1] if shares else None, tuple(dict.fromkeys(map(str, health))))

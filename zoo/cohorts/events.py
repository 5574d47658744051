"""What a measurement tells while it goes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CostEvent:
    """One step of a cohort.

    Attributes
    ----------
    text : str
        What runs now, in a few words.
    done, total : int
        Rounds of the least advanced case, and the fewest a case needs.
    """

    text: str
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        return f"{self.text} ({self.done}/{self.total} rounds)" if self.total else self.text

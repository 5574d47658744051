"""The time of a search, shared out among its rungs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

SHARES = {"costs": 0.35, "scores": 0.5, "halving": 0.7}
"""Of the whole, by when a rung has to have ended; the last round has the rest, and what others leave."""

ENDING_S = 0.02
"""Share of the whole that is left for what follows the last round."""


@dataclass
class Clock:
    """Seconds of a search.

    Attributes
    ----------
    budget_s : float
    began : float
        On the monotonic clock.
    """

    budget_s: float
    began: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> float:
        """Since the search began."""
        return time.monotonic() - self.began

    @property
    def deadline(self) -> float:
        """On the monotonic clock: nothing runs after it."""
        return self.began + self.budget_s * (1 - ENDING_S)

    def left(self, rung: str = "") -> float:
        """Until a rung has to have ended, or the whole."""
        end = self.began + self.budget_s * SHARES[rung] if rung in SHARES else self.deadline
        return min(end, self.deadline) - time.monotonic()

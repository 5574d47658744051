"""Within which difference two candidates are as good as equal."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.candidates.mix import is_mix
from zoo.checks import not_negative
from zoo.choice.gap import EXACT

POINTS, SHARE, NONE = "points", "share", "none"


@dataclass(frozen=True, slots=True)
class Margins:
    """The largest differences at which a tie is broken.

    Two candidates that are not told apart are a tie where the difference that was found is no larger; beyond it the
    better one is taken, and called unproven.

    Attributes
    ----------
    points : float
        Of accuracies, in percentage points; 0 breaks no tie.
    share : float
        Of costs, as a share of the better one's: 0.05 is 5%.

    Raises
    ------
    ZooError
        For what is no number of at least 0.
    """

    points: float = 1.0
    share: float = 0.05

    def __post_init__(self) -> None:
        not_negative(self.points, "", "margin")
        not_negative(self.share, "", "margin_latency")

    def of(self, objective: str) -> float:
        """The largest gap of an objective at which a tie is broken."""
        return {POINTS: self.points / 100, SHARE: self.share, NONE: 0.0}[kind_of(objective)]

    def to_text(self, objective: str) -> str:
        """Such as ``1 point``."""
        if kind_of(objective) != POINTS:
            return f"{100 * self.share:g}%"
        return f"{self.points:g} point{'' if self.points == 1 else 's'}"


def kind_of(objective: str) -> str:
    """Which margin breaks ties of an objective: points, share or none."""
    if objective == "accuracy" or is_mix(objective):
        return POINTS
    return NONE if objective in EXACT else SHARE

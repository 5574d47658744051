"""What became of every candidate of a search, and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.canonical import JsonObject


WEIGHTS, COSTS, SCORES, HALVING, LAST = "weights", "costs", "scores", "halving", "last round"
RUNGS = (WEIGHTS, COSTS, SCORES, HALVING, LAST)
"""In their order."""

SHOWN = 5
"""Of those that a rung dropped, so many are named."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one rung found of a candidate.

    Attributes
    ----------
    name : str
        Model with its weights; of an arm with its strategy and rate.
    rung : str
        One of :data:`RUNGS`.
    found : str
        Its figure there, empty where it has none.
    dropped : str
        Why it does not go on; empty where it does.
    at_s : float
        Seconds since the search began.
    """

    name: str
    rung: str
    found: str
    dropped: str
    at_s: float


@dataclass
class Trail:
    """Steps in the order in which they were taken."""

    steps: list[Step] = field(default_factory=list)

    def note(self, name: str, rung: str, found: str, dropped: str, at_s: float) -> None:
        """Add a step."""
        self.steps.append(Step(name, rung, found, dropped, round(at_s, 1)))

    def lines(self) -> list[str]:
        """A line for each rung, with the first few of those that it dropped."""
        said = []
        for rung in RUNGS:
            here = [step for step in self.steps if step.rung == rung]
            if not here:
                continue
            lost = [step for step in here if step.dropped]
            named = "; ".join(f"{step.name}: {step.dropped}" for step in lost[:SHOWN])
            more = f"; and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
            said.append(
                f"{rung} ({max(step.at_s for step in here):.0f} s): {len(here) - len(lost)} of {len(here)} go on"
                + (f"; dropped: {named}{more}" if lost else "")
            )
        return said

    def to_dict(self) -> list[JsonObject]:
        """Every step, as plain values for JSON."""
        return [asdict(step) for step in self.steps]

"""What a limit costs: what would be taken without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.choice.description import name_of
from zoo.choice.gap import gap

if TYPE_CHECKING:
    from zoo.candidates.candidate import Candidate
    from zoo.canonical import JsonObject
    from zoo.choice.gap import Gap


@dataclass(frozen=True)
class Price:
    """What would be taken without a limit, in the place of what was.

    Attributes
    ----------
    limit : str
        As it is read: ``max-latency-ms 20``.
    candidate : Candidate
    gap : Gap or None
        How much better it is by the objective; None where nothing qualifies with the limit.
    """

    limit: str
    candidate: Candidate
    gap: Gap | None

    def to_text(self) -> str:
        """A sentence."""
        by = "would qualify" if self.gap is None else f"better by {self.gap.to_text()}"
        return f"Without {self.limit}: {name_of(self.candidate)}, {by}."

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        found = None if self.gap is None else self.gap.to_dict()
        return {"limit": self.limit, "model": self.candidate.model, "weights": self.candidate.weights, "gap": found}


def price(limit: str, taken: Candidate | None, otherwise: Candidate | None, objective: str) -> Price | None:
    """What a limit costs, None where it changes nothing.

    Parameters
    ----------
    limit : str
        As it is read.
    taken, otherwise : Candidate or None
        What is taken with the limit and without it.
    objective : str
    """
    if otherwise is None or otherwise is taken:
        return None
    return Price(limit, otherwise, None if taken is None else gap(otherwise, taken, objective))

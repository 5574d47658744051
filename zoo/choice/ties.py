"""How candidates stand to the best: tied, behind, or not told apart."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from zoo.choice.quantities import quantities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.choice.candidates import Candidate


EXACT = ("params", "macs")
"""What is counted, and has no interval because it needs none."""


class Standing(StrEnum):
    """What is known of a value beside the best one."""

    TIED = "tied"
    BEHIND = "behind"
    UNTOLD = "not told apart"


def rank(candidate: Candidate, objective: str) -> tuple[float, str]:
    """What sorts candidates that have a value, the best first."""
    value = candidate.value(objective)
    assert value is not None
    return quantities()[objective].rank(value.value), candidate.model


def standing(best: Candidate, other: Candidate, objective: str) -> Standing:
    """How a candidate stands to the best.

    Tied where their intervals overlap, behind where they do not. Counts and published figures are compared as they
    are stated. A measured value without an interval is not told apart from any.
    """
    a, b = best.value(objective), other.value(objective)
    assert a is not None
    assert b is not None
    if is_as_stated(best, objective) and is_as_stated(other, objective):
        return Standing.TIED if a.value == b.value else Standing.BEHIND
    if None in (a.low, a.high, b.low, b.high):
        return Standing.UNTOLD
    return Standing.TIED if a.overlaps(b) else Standing.BEHIND


def is_as_stated(candidate: Candidate, objective: str) -> bool:
    """Whether a value is counted or published, and no measurement of ours."""
    return objective in EXACT or (objective == "accuracy" and candidate.is_stated)


def tie_break(candidate: Candidate) -> tuple[float, float, str]:
    """What decides among ties: latency, then parameters, then the name."""
    return _latency(candidate), float(candidate.params or float("inf")), candidate.model


def decided_by(chosen: Candidate, ties: Sequence[Candidate]) -> str:
    """What decided among ties, in the words of what was taken."""
    rivals = [other for other in ties if _latency(other) <= _latency(chosen)]
    if not rivals:
        alone = all(other.latency is None for other in ties)
        return "the one with a measured latency was taken" if alone else "the lower latency was taken"
    why = "" if chosen.latency else "no latency was measured; "
    if all((chosen.params or float("inf")) < (other.params or float("inf")) for other in rivals):
        return f"{why}the fewer parameters were taken"
    return f"{why}the first by name was taken"


def behind(best: Candidate, other: Candidate, objective: str) -> str:
    """How the next stands to the chosen, in the words that hold."""
    found = standing(best, other, objective)
    if found == Standing.UNTOLD:
        return "is not told apart: no interval"
    if found == Standing.TIED:
        return "is not told apart"
    return "is behind" if is_as_stated(best, objective) else "is behind by more than the intervals"


def _latency(candidate: Candidate) -> float:
    return candidate.latency.value if candidate.latency else float("inf")

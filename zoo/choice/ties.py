"""How candidates stand to the best: tied, unproven, behind or untold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from zoo.candidates.mix import is_mix, quantity_of
from zoo.candidates.quantities import quantities
from zoo.choice.gap import EXACT, gap
from zoo.statistics.quantity import ROBUSTNESS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.candidates.candidate import Candidate
    from zoo.choice.gap import Gap


DECIMALS = 12
"""Of values that are ranked: beyond them equals differ by rounding."""

ROUNDING = 1e-9
"""By which a difference of just the margin may lie beyond it."""


class Standing(StrEnum):
    """What is known of a value beside the best one."""

    TIED = "tied"
    UNPROVEN = "unproven"
    BEHIND = "behind"
    UNTOLD = "not told apart"


def rank(candidate: Candidate, objective: str) -> tuple[float, str]:
    """What sorts candidates that have a value, the best first."""
    value = candidate.value(objective)
    assert value is not None
    return quantity_of(objective).rank(round(value.value, DECIMALS)), candidate.model


def leader(ranked: Sequence[Candidate], objective: str) -> tuple[Candidate, dict[str, Gap]]:
    """The best of some candidates, and its gap to each of the others.

    The first whose value is the best, unless another is better in pairs for certain: a median or a mean is each
    candidate's own, and may be of other rounds or seeds.

    Parameters
    ----------
    ranked : sequence of Candidate
        By their values, the best first.
    objective : str
    """
    best, passed = ranked[0], set[str]()
    while True:
        gaps = {one.model: gap(best, one, objective) for one in ranked if one is not best}
        passed.add(best.model)
        ahead = next((one for one in ranked if one.model not in passed and gaps[one.model].is_behind), None)
        if ahead is None:
            return best, gaps
        best = ahead


def standing(found: Gap, margin: float) -> Standing:
    """How a candidate stands to the best, by the gap between them.

    Behind where the interval of the gap excludes none, else tied within the margin and unproven beyond it. What is
    counted or published is compared as it is stated. A measured value without an interval is not told apart from
    any.
    """
    if found.is_told:
        return Standing.BEHIND
    if found.exact:
        return Standing.TIED
    if found.low is None:
        return Standing.UNTOLD
    return Standing.TIED if abs(found.value) <= margin + ROUNDING else Standing.UNPROVEN


def is_as_stated(candidate: Candidate, objective: str) -> bool:
    """Whether a value is counted or published, and no measurement of ours."""
    published = candidate.is_stated if objective == "accuracy" else objective == ROBUSTNESS.key
    return objective in EXACT or published


@dataclass(frozen=True, slots=True)
class Breaker:
    """What breaks a tie.

    Attributes
    ----------
    by : str
        The number that decides, the better one.
    words : str
        What is said where it does.
    what : str
        What is missing where a candidate has none, if that is to be said.
    """

    by: str
    words: str
    what: str = ""

    def rank(self, candidate: Candidate) -> float:
        """A number that sorts candidates, the best first."""
        found = candidate.value(self.by)
        return math.inf if found is None else quantities()[self.by].rank(found.value)


ACCURACY = Breaker("accuracy", "the higher accuracy was taken", "accuracy")
LATENCY = Breaker("latency", "the lower latency was taken", "latency")
PARAMS = Breaker("params", "the fewer parameters were taken")


def breakers(objective: str) -> tuple[Breaker, ...]:
    """What breaks a tie of an objective, in turn, before the name does."""
    return (LATENCY, PARAMS) if objective == "accuracy" or is_mix(objective) else (ACCURACY, LATENCY, PARAMS)


def tie_break(candidate: Candidate, objective: str) -> tuple[float | str, ...]:
    """What sorts candidates that are tied, the one to take first."""
    return (*(breaker.rank(candidate) for breaker in breakers(objective)), candidate.model)


def decided_by(chosen: Candidate, ties: Sequence[Candidate], objective: str = "accuracy") -> str:
    """What decided among ties, in the words of what was taken."""
    rivals, missing = list(ties), ""
    for breaker in breakers(objective):
        mine = breaker.rank(chosen)
        left = [other for other in rivals if breaker.rank(other) <= mine]
        if not left:
            alone = breaker.what and all(breaker.rank(other) == math.inf for other in rivals)
            return missing + (f"the one with a measured {breaker.what} was taken" if alone else breaker.words)
        if mine == math.inf and breaker.what:
            missing += f"no {breaker.what} was measured; "
        rivals = left
    return f"{missing}the first by name was taken"

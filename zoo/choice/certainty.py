"""How sure a choice is: how the others stand to it, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.choice.description import name_of
from zoo.choice.gap import EXACT, settling
from zoo.choice.ties import decided_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zoo.candidates.candidate import Candidate
    from zoo.choice.decision import Decision


SHOWN = 3
"""Candidates of one standing of which it is said by how much they stand behind."""


def certainty(choice: Decision, shown: Callable[[Candidate], str] = name_of) -> list[str]:
    """Sentences on how the others stand to the best and to what was taken.

    Better and resolved; better but unproven, with what would settle it; or tied within the margin.

    Parameters
    ----------
    choice : Decision
    shown : callable
        What is said of those that the best is better than.
    """
    if choice.chosen is None or choice.best is None:
        return []
    if not choice.gaps:
        known = "counted" if choice.objective in EXACT else "measured"
        return [f"No other model has a {known} {choice.objective} to compare it with."]
    return [*_ties(choice), *_unproven(choice, shown), *_untold(choice), *_next(choice, shown)]


def _ties(choice: Decision) -> list[str]:
    """What ties with the best, and what decided among them."""
    if not choice.ties:
        return []
    assert choice.chosen is not None
    assert choice.best is not None
    decided = decided_by(choice.chosen, choice.ties, choice.objective)
    exact = next(iter(choice.gaps.values())).exact
    within = "Equal" if exact else f"Tied within {choice.margins.to_text(choice.objective)}"
    if choice.is_best:
        return [f"{within}: {_each(choice, choice.ties)}; {decided}."]
    others = [one for one in choice.ties if one is not choice.best]
    ahead = f", which is better {how}" if (how := _by(choice, choice.chosen)) else ""
    said = [f"{within} with the best, {name_of(choice.best)}{ahead}; {decided}."]
    return said + ([f"Tied with the best as well: {_each(choice, others)}."] if others else [])


def _unproven(choice: Decision, shown: Callable[[Candidate], str]) -> list[str]:
    """Candidates that the best is better than without proof, and what would prove it."""
    assert choice.best is not None
    said = []
    for one in choice.unproven[:SHOWN]:
        would = settling(choice.best, one, choice.objective, choice.gaps[one.model])
        said.append(f"{_better(choice, one)}, but unproven ({would}), than {shown(one)}.")
    more = len(choice.unproven) - SHOWN
    return said + ([f"Unproven as well: {more} more."] if more > 0 else [])


def _untold(choice: Decision) -> list[str]:
    """Candidates that are not told apart, since one of the two has no interval."""
    names = ", ".join(map(name_of, choice.untold))
    return [f"Not told apart (no interval): {names}."] if names else []


def _next(choice: Decision, shown: Callable[[Candidate], str]) -> list[str]:
    """The first that is behind for certain, where nobody stands between."""
    following = next((one for one in choice.behind if one is not choice.chosen), None)
    if choice.unproven or choice.untold or following is None:
        return []
    resolved = "" if choice.gaps[following.model].exact else ", resolved,"
    return [f"{_better(choice, following)}{resolved} than the next, {shown(following)}."]


def _better(choice: Decision, other: Candidate) -> str:
    return f"{'Better' if choice.is_best else 'The best is better'} {_by(choice, other)}"


def _each(choice: Decision, those: Sequence[Candidate]) -> str:
    said = [f"{name_of(one)} {_by(choice, one)}".rstrip() for one in those]
    return ", ".join(said[:SHOWN]) + (f" and {len(said) - SHOWN} more" if len(said) > SHOWN else "")


def _by(choice: Decision, other: Candidate) -> str:
    """By how much the best is better; nothing of equals that are counted."""
    found = choice.gaps[other.model]
    return "" if found.exact and not found.value else f"by {found.to_text()}"

"""Sentences at the top of a report: what to take, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.choice.candidates import find_candidates
from zoo.choice.choice import choose_from
from zoo.choice.description import describe, name_of
from zoo.choice.ties import behind, decided_by
from zoo.errors import ZooError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.choice.basis import Basis
    from zoo.choice.candidates import Candidate
    from zoo.choice.choice import Choice
    from zoo.results.view import Results as RecordResults

    Found = tuple[Sequence[Candidate], Basis]


def verdict(results: RecordResults, found: Found | None = None) -> str:
    """Sentences for the top of a report: what to take, how sure it is.

    Parameters
    ----------
    results : Results
    found : tuple, optional
        What :func:`zoo.choice.candidates.find_candidates` found in them, where that is known.
    """
    try:
        candidates, basis = found or find_candidates(results)
        choice = choose_from(candidates, basis, "accuracy")
        if choice.chosen is None:
            choice = choose_from(candidates, basis, "latency")
    except ZooError as error:
        return f"No backbone can be recommended from these records: {error}."
    if choice.chosen is None:
        failed = len(results.failures())
        return f"No backbone can be recommended from these records. {failed} of {len(results)} trials failed."
    return " ".join(
        filter(
            None, [_headline(choice), *_mind(choice), _others(choice), *(f"{text}." for text in choice.basis.said)]
        )
    )


def _headline(choice: Choice) -> str:
    assert choice.chosen is not None
    best = choice.best is choice.chosen
    place = f"best by {choice.objective}" if best else f"not told apart from the best by {choice.objective}"
    below = " and ".join(short.of for short in choice.shortfalls if short.below)
    described, basis = f"**{describe(choice.chosen)}**", choice.basis.to_text()
    if below:
        return f"Not recommended: {described} is {place}, but below {below} ({basis})."
    return f"Take {described} — {place} ({basis})."


def _mind(choice: Choice) -> list[str]:
    """What its accuracy does not exceed, and what is to be known of the task."""
    return [f"Its accuracy is {short.text}." for short in choice.shortfalls]


def _others(choice: Choice) -> str:
    """How the others stand to it."""
    assert choice.chosen is not None
    assert choice.best is not None
    if choice.ties:
        names = ", ".join(map(name_of, choice.ties))
        decided = decided_by(choice.chosen, choice.ties)
        if choice.best is choice.chosen:
            return f"Its interval overlaps those of {names}; {decided}."
        return f"Ties, whose intervals overlap that of the best, {name_of(choice.best)}: {names}; {decided}."
    if choice.runners_up:
        following = choice.runners_up[0]
        return f"The next, {describe(following)}, {behind(choice.chosen, following, choice.objective)}."
    return f"No other model has a measured {choice.objective} to compare it with."

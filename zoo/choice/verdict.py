"""Sentences at the top of a report: what to take, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.candidates.candidates import find_candidates
from zoo.choice.certainty import certainty
from zoo.choice.choice import choose_from
from zoo.choice.description import describe
from zoo.errors import ZooError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.candidates.basis import Basis
    from zoo.candidates.candidate import Candidate
    from zoo.choice.choice import Choice
    from zoo.results.view import Results as RecordResults

    Found = tuple[Sequence[Candidate], Basis]


def verdict(results: RecordResults, found: Found | None = None) -> str:
    """Sentences for the top of a report: what to take, how sure it is.

    Parameters
    ----------
    results : Results
    found : tuple, optional
        What :func:`zoo.candidates.candidates.find_candidates` found in them, where that is known.
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
    said = [
        _headline(choice),
        *_mind(choice),
        *certainty(choice, describe),
        *(f"{text}." for text in choice.basis.said),
    ]
    return " ".join(said)


def _headline(choice: Choice) -> str:
    assert choice.chosen is not None
    place = f"best by {choice.objective}" if choice.is_best else f"tied with the best by {choice.objective}"
    below = " and ".join(short.of for short in choice.shortfalls if short.below)
    described, basis = f"**{describe(choice.chosen)}**", choice.basis.to_text()
    if below:
        return f"Not recommended: {described} is {place}, but below {below} ({basis})."
    return f"Take {described} — {place} ({basis})."


def _mind(choice: Choice) -> list[str]:
    """What its accuracy does not exceed, and what is to be known of the task."""
    return [f"Its accuracy is {short.text}." for short in choice.shortfalls]

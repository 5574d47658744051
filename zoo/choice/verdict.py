"""Sentences at the top of a report: what to take, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.choice.candidates import find_candidates
from zoo.choice.choice import choose_from, describe
from zoo.errors import ZooError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.choice.basis import Basis
    from zoo.choice.candidates import Candidate
    from zoo.results.view import Results as RecordResults

    Found = tuple[Sequence[Candidate], Basis]


def verdict(results: RecordResults, found: Found | None = None) -> str:
    """Two sentences for the top of a report: what to take, how sure it is.

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
    first = f"Take **{describe(choice.chosen)}** — best by {choice.objective} ({choice.basis.to_text()})."
    if choice.ties:
        others = ", ".join(f"{c.model}.{c.weights}" for c in choice.ties)
        return f"{first} Its interval overlaps those of {others}, so among these equals the fastest was taken."
    if choice.runners_up:
        return f"{first} The next, {describe(choice.runners_up[0])}, is behind by more than the intervals."
    return f"{first} Nothing else was measured to compare it with."

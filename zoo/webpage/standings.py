"""How candidates stand to each other, whatever limits are set later.

The page's script sets limits, and then only looks up what is known here: the order by an objective, the order in
which ties are taken, and the gaps of those that can be the best within some limits to all that are not behind them.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from zoo.candidates.quantities import quantities
from zoo.choice.gap import gap, settling
from zoo.choice.margins import kind_of
from zoo.choice.ties import Standing, breakers, rank, standing, tie_break
from zoo.registry.licences import is_permitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zoo.candidates.candidate import Candidate
    from zoo.canonical import JsonObject
    from zoo.choice.gap import Gap


AHEAD = "ahead"
"""Kind of a gap to one that is better for certain, though its own number is not."""

OPEN = "open"
"""Kind of a gap that is a tie within the margin, and unproven beyond it."""

LARGEST = 1e300
"""Stands for a gap without bounds, which JSON has no number for."""


def standings(candidates: Sequence[Candidate], objective: str) -> JsonObject:
    """What a choice by an objective needs to know, by place.

    Returns
    -------
    dict
        ``order``
            Places of candidates that have a value, the best first.
        ``ties``
            The same in the order in which they are taken where they tie.
        ``breakers``
            What breaks a tie, in turn.
        ``gaps``
            By the place of whoever can be the best, an entry for each other that is not behind for certain: its
            place, the kind of the gap, its value and its text, and of an open one a place in ``settling``.
        ``settling``
            Words on what would tell two candidates apart.
        ``margin``
            Which margin breaks a tie: points, share or none.
    """
    ranked = sorted(
        (place for place, one in enumerate(candidates) if one.value(objective) is not None),
        key=lambda place: rank(candidates[place], objective),
    )
    gaps, words = _gaps(candidates, ranked, objective)
    return {
        "order": ranked,
        "ties": sorted(ranked, key=lambda place: tie_break(candidates[place], objective)),
        "breakers": [asdict(one) for one in breakers(objective)],
        "gaps": gaps,
        "settling": words,
        "margin": kind_of(objective),
    }


Entry = list[str | float]
"""A gap as the script takes it; see :func:`standings`."""


def _gaps(
    candidates: Sequence[Candidate], ranked: Sequence[int], objective: str
) -> tuple[dict[int, list[Entry]], list[str]]:
    """Gaps of all that can be the best: first within some limits, or better for certain than one that can be.

    Those that rank before the first are beyond the limits then, so that gaps to them are of no use.
    """
    found: dict[int, list[Entry]] = {}
    words: dict[str, int] = {}
    firsts = set(first_within_some_limits(candidates, ranked))
    for start, first in enumerate(ranked):
        waiting = [first] if first in firsts else []
        while waiting:
            best = waiting.pop()
            if best in found:  # from one that ranks before, beside more
                continue
            found[best] = []
            for place in ranked[start:]:
                if place == best:
                    continue
                one = gap(candidates[best], candidates[place], objective)
                kind = _kind(one)
                if kind == AHEAD:
                    waiting.append(place)
                if not kind:
                    continue
                text = one.to_text() if one.value or not one.exact else ""
                entry: Entry = [place, kind, max(-LARGEST, min(LARGEST, one.value)), text]
                if kind == OPEN:
                    would = settling(candidates[best], candidates[place], objective, one)
                    entry.append(words.setdefault(would, len(words)))
                found[best].append(entry)
    return found, list(words)


def _kind(found: Gap) -> str:
    """What a gap says before a margin is known; nothing of those that are behind."""
    if found.is_behind:
        return AHEAD
    stands = standing(found, -math.inf)
    return {Standing.BEHIND: "", Standing.UNPROVEN: OPEN}.get(stands, str(stands))


def first_within_some_limits(candidates: Sequence[Candidate], ranked: Iterable[int]) -> list[int]:
    """Those that are the best by their values within some limits.

    That is unless one that ranks before them meets every limit that they meet: it has all the numbers that they have,
    none worse, and a licence that is permitted wherever theirs is.
    """
    known = quantities()
    licences = frozenset(one.licence for one in candidates if one.published_weights and one.licence)
    met: dict[int, tuple[dict[str, float], frozenset[str]]] = {}
    found: list[int] = []
    for place in ranked:
        one = candidates[place]
        values = {name: known[name].rank(held.value) for name in known if (held := one.value(name)) is not None}
        permitted = frozenset(name for name in licences if is_permitted(one.licence, (name,)))
        met[place] = values, permitted if one.published_weights else licences
        if not any(_meets_all(met[before], met[place]) for before in found):
            found.append(place)
    return found


def _meets_all(
    first: tuple[dict[str, float], frozenset[str]], second: tuple[dict[str, float], frozenset[str]]
) -> bool:
    """Whether the first meets every limit that the second meets."""
    return first[1] >= second[1] and all(name in first[0] and first[0][name] <= at for name, at in second[0].items())

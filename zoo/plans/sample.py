"""In which order the models of a family are typical of it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

T = TypeVar("T", bound="Hashable")


def turn_in_family(models: Mapping[T, tuple[str, float]]) -> dict[T, int]:
    """At which turn of its family each model comes, from 0.

    First the median of the family by work, of two the cheaper; then the medians of the halves that it leaves, and so
    on. Wherever that is cut, what was taken of a family is spread over its range.

    Parameters
    ----------
    models : mapping of model to (str, float)
        Family and work.
    """
    families: dict[str, list[T]] = {}
    for model, (family, _) in sorted(models.items(), key=lambda item: (item[1][1], str(item[0]))):
        families.setdefault(family, []).append(model)
    return {members[place]: turn for members in families.values() for turn, place in enumerate(halving(len(members)))}


def halving(count: int) -> list[int]:
    """Places from 0: the middle, those of both halves, and so on."""
    found = []
    waiting = deque([(0, count)])
    while waiting:
        low, high = waiting.popleft()
        if low < high:
            middle = (low + high - 1) // 2
            found.append(middle)
            waiting += [(low, middle), (middle + 1, high)]
    return found

"""The models that a figure has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


MOST = 8
"""Models that a figure of lines shows where nothing else is said: the names of more would lie over each other."""


class OfModel(Protocol):
    """What is drawn of a model."""

    @property
    def model(self) -> str:
        """Its label."""


Drawn = TypeVar("Drawn", bound=OfModel)


def leaders(
    drawn: Sequence[Drawn], score: Callable[[Drawn], float], what: str = "most accurate", most: int = MOST
) -> tuple[list[Drawn], str]:
    """What is drawn of the best models, and a sentence on the others.

    Parameters
    ----------
    drawn : sequence
    score : callable
        From what is drawn to the number that it shows; a model counts with its highest.
    what : str
        What those with the highest numbers are, for the sentence.
    most : int
        Models that the figure shows.

    Returns
    -------
    list
        In the order given.
    str
        Empty where all have room.
    """
    highest: dict[str, float] = {}
    for one in drawn:
        highest[one.model] = max(score(one), highest.get(one.model, 0.0))
    kept = set(sorted(highest, key=lambda model: -highest[model])[:most])
    said = f" Of {len(highest)} models the {most} {what} are drawn." if len(highest) > most else ""
    return [one for one in drawn if one.model in kept], said

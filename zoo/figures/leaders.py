"""The models that a figure has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


MOST = 8
"""Models that a figure of lines shows: the names of more would lie over each other."""


class OfModel(Protocol):
    """What is drawn of a model."""

    @property
    def model(self) -> str:
        """Its label."""


Drawn = TypeVar("Drawn", bound=OfModel)


def leaders(drawn: Sequence[Drawn], accuracy: Callable[[Drawn], float]) -> tuple[list[Drawn], str]:
    """What is drawn of the most accurate models, and a sentence on the others.

    Parameters
    ----------
    drawn : sequence
    accuracy : callable
        From what is drawn to the accuracy that it shows; a model counts with its highest.

    Returns
    -------
    list
        In the order given.
    str
        Empty where all have room.
    """
    highest: dict[str, float] = {}
    for one in drawn:
        highest[one.model] = max(accuracy(one), highest.get(one.model, 0.0))
    kept = set(sorted(highest, key=lambda model: -highest[model])[:MOST])
    said = f" Of {len(highest)} models the {MOST} most accurate are drawn." if len(highest) > MOST else ""
    return [one for one in drawn if one.model in kept], said

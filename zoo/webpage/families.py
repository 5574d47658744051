"""Families of models, each with a colour and a shape of its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.canonical import JsonObject


LOOKS = (
    ("#0b7fc4", "circle", "●"),
    ("#d1600f", "square", "■"),
    ("#0f8f68", "triangle-up", "▲"),
    ("#b8549a", "diamond", "◆"),
    ("#a8730a", "triangle-down", "▼"),
    ("#7a6fd0", "cross", "✚"),
    ("#c4473f", "triangle-right", "▶"),
    ("#5d8a1f", "triangle-left", "◀"),
)
"""Colour, Vega's shape and its letter of the first families: each stands out from white as well as from black."""

OTHERS = ("#7f7f7f", "circle", "○")
"""How the rest looks."""

MANY = "others"
"""What families are called that have no colour of their own."""


class Families:
    """The families of some models, the largest with a look of its own.

    Parameters
    ----------
    names : sequence of str
        Of each model's.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        counts = Counter(names)
        by_size = sorted(counts, key=lambda name: (-counts[name], name))
        self._first = by_size[: len(LOOKS)]
        self._counts = counts

    def group(self, place: int) -> int:
        """The place of a model's look among :meth:`groups`."""
        name = self.names[place]
        return self._first.index(name) if name in self._first else len(self._first)

    def groups(self) -> list[JsonObject]:
        """Looks with the name and the size of each family, the rest last."""
        found = [
            {"name": name, "models": self._counts[name], "colour": colour, "shape": shape, "letter": letter}
            for name, (colour, shape, letter) in zip(self._first, LOOKS, strict=False)
        ]
        rest = len(self.names) - sum(self._counts[name] for name in self._first)
        colour, shape, letter = OTHERS
        more = {"name": MANY, "models": rest, "colour": colour, "shape": shape, "letter": letter}
        return [*found, more] if rest else found

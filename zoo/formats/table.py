"""A table: what each column is, its unit and its better direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zoo.canonical import Json


@dataclass(frozen=True)
class Table:
    """Cells as text, with what they mean.

    Attributes
    ----------
    title : str
    caption : str
        The settings that all rows share.
    headers : tuple of str
        Each with its unit, and an arrow that points where better is.
    rows : tuple of tuple of str
    spare : tuple of str
        Headers of columns that a terminal goes without where it is too narrow for all.
    spare_note : str
        What the caption says of them.
    data : tuple of mapping of str to JSON values
        The same rows for programs, each with the same keys: numbers as numbers, in the unit that a key or another
        value names. Where there are none, programs get the cells.
    """

    title: str
    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    spare: tuple[str, ...] = ()
    spare_note: str = ""
    data: tuple[Mapping[str, Json], ...] = ()

    @property
    def whole_caption(self) -> str:
        """The caption, with what it says of spare columns."""
        return f"{self.caption} {self.spare_note}".strip()

    @property
    def alignment(self) -> tuple[str, ...]:
        """``left`` for a column of words, ``right`` for one of numbers."""
        columns = list(zip(*self.rows, strict=True))[1:]
        if not columns:
            return ("left", *["right"] * (len(self.headers) - 1))
        return ("left", *map(_side, columns))

    def without_spare(self) -> Table:
        """The table less its spare columns."""
        kept = [place for place, header in enumerate(self.headers) if header not in self.spare]
        rows = tuple(tuple(row[place] for place in kept) for row in self.rows)
        return Table(self.title, self.caption, tuple(self.headers[place] for place in kept), rows)


def _side(column: Sequence[str]) -> str:
    return "right" if any(cell[:1].isdigit() or cell[:1] in ("+", "-") for cell in column) else "left"

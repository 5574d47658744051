"""Blocks that a page is made of, in no format yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.formats.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@dataclass(frozen=True)
class Heading:
    """A line that names what follows.

    Attributes
    ----------
    text : str
    level : int
        1 of the page, 2 of a section, 3 of a part of one.
    """

    text: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    """Lines of one paragraph, or the items of a list.

    Attributes
    ----------
    lines : tuple of str
        With Markdown's ``**bold**`` and ``code`` marks and no others.
    listed : bool
    """

    lines: tuple[str, ...]
    listed: bool = False


@dataclass(frozen=True)
class Code:
    """Lines to copy, as they are."""

    text: str


@dataclass(frozen=True)
class Figure:
    """A figure, described for a reader who does not see it.

    Attributes
    ----------
    name : str
        Of its files, without an ending.
    chart : callable
        Makes the Altair description; called only where the figure is drawn.
    alt : str
        What the figure shows.
    caption : str
    """

    name: str
    chart: Callable[[], Any]
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Details:
    """Blocks that a reader unfolds."""

    summary: str
    blocks: tuple[Block, ...]


Block = Heading | Text | Code | Table | Figure | Details


def figures_of(blocks: Iterable[Block]) -> Iterator[Figure]:
    """Every figure of a page, in order, folded ones too."""
    for block in blocks:
        if isinstance(block, Figure):
            yield block
        elif isinstance(block, Details):
            yield from figures_of(block.blocks)

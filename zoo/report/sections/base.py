"""What a section of a report is, and what it is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zoo.candidates.basis import Basis
    from zoo.candidates.candidate import Candidate
    from zoo.formats.blocks import Block
    from zoo.formats.table import Table
    from zoo.results.view import Results


@dataclass(frozen=True)
class Context:
    """What a report is of.

    Attributes
    ----------
    results : Results
    candidates : tuple of Candidate
        Points of the frontier, as :func:`zoo.candidates.candidates.find_candidates` finds them.
    basis : Basis or None
        The setting and the data cell that the candidates share.
    verdict : str
        Two sentences for the top of the page.
    title : str
    command : str
        What reproduces the results; where empty, what their settings say.
    """

    results: Results
    candidates: tuple[Candidate, ...] = ()
    basis: Basis | None = None
    verdict: str = ""
    title: str = "Backbone Zoo"
    command: str = ""


@dataclass(frozen=True)
class Section:
    """One part of a report's page, under a heading of its own.

    Attributes
    ----------
    name : str
        By which :data:`zoo.report.sections.SECTIONS` knows it.
    title : str or callable
        The heading, or what makes it from the context.
    build : callable
        Makes the blocks under the heading; where there is none, the page goes without the section.
    printed : callable or None
        Makes the tables that a command prints of it; None of a section that is for pages alone.
    after : str
        Name of the section that it stands behind; where empty, its place is the table's, and that of another
        package's is before the last.
    """

    name: str
    title: str | Callable[[Context], str]
    build: Callable[[Context], Sequence[Block]]
    printed: Callable[[Results], Sequence[Table]] | None = None
    after: str = ""

    def heading(self, context: Context) -> str:
        """The heading of the section."""
        return self.title if isinstance(self.title, str) else self.title(context)

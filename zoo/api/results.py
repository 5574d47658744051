"""Results: records as rows, frames and pages of a report."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.candidates.candidates import find_candidates
from zoo.choice.verdict import verdict
from zoo.errors import ZooError
from zoo.formats.blocks import Figure
from zoo.report.page import page_blocks, page_text, write_report
from zoo.report.printed import printed, printed_blocks
from zoo.report.sections.base import Context
from zoo.report.sections.frontier import FRONTIER
from zoo.results.view import Results as RecordResults
from zoo.results.view import machines_text
from zoo.webpage.markup import Markup, plain
from zoo.webpage.page import write_page

if TYPE_CHECKING:
    from zoo.candidates.basis import Basis
    from zoo.candidates.candidate import Candidate


class Results(RecordResults):
    """Records as rows, frames and pages.

    See :class:`zoo.results.view.Results`.
    """

    def __repr__(self) -> str:
        """How many records of what, and the tables that the command would print."""
        title = self._title
        machines = self.machines()
        if len(machines) > 1:
            return f"{title} of {len(machines)} machines: {machines_text(machines)}; take one with .on(MACHINE)"
        return "\n\n".join([title, printed(self, "table")] if len(self) else [title])

    @property
    def _title(self) -> str:
        kinds = Counter(record.trial.kind for record in self.records)
        held = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        return f"Results: {len(self)} record{'s' * (len(self) != 1)}" + (f" ({held})" if held else "")

    def _repr_html_(self) -> str:
        """The same tables for a notebook."""
        if len(self.machines()) > 1 or not len(self):
            return f"<pre>{plain(repr(self))}</pre>"
        return f"<p>{plain(self._title)}</p>" + Markup().written(printed_blocks(self))

    def plot(self) -> Any:
        """The frontier of accuracy against latency, an Altair chart.

        Of parameters, where no model has both numbers.

        Raises
        ------
        ZooError
            Where the records are of several machines, or nothing can be drawn.
        """
        context = self._context()
        figure = next((one for one in FRONTIER.build(context) if isinstance(one, Figure)), None)
        if figure is None:
            raise ZooError("nothing to plot: no model has a latency, with an accuracy or known parameters")
        return figure.chart()

    @cached_property
    def found(self) -> tuple[list[Candidate], Basis] | None:
        """What can be chosen from, at the setting that most models share.

        None where there is no record.

        Raises
        ------
        ZooError
            Where the records are of several machines.
        """
        return find_candidates(self) if len(self) else None

    def to_markdown(self) -> str:
        """The report's page as Markdown.

        Its figures are files: see :meth:`write_report`.

        Raises
        ------
        ZooError
            Where the records are of several machines.
        """
        return page_text(self._context())

    def write_report(self, folder: str | Path, *, title: str = "Backbone Zoo", command: str = "") -> list[Path]:
        """Write pages, ``results.csv`` and the figures into a folder.

        The pages are ``README.md``, and ``report.html`` to explore: one file that needs no network.

        Parameters
        ----------
        folder : str or Path
            Made where it is not there.
        title : str
        command : str
            What reproduces these results; where empty, commands that their settings say.

        Returns
        -------
        list of Path
            Every file written, ``README.md`` first.

        Raises
        ------
        ZooError
            Where the folder cannot be written, or the records are of several machines.
        """
        context = replace(self._context(), title=title, command=command)
        blocks = page_blocks(context)
        written = write_report(blocks, self, Path(folder))
        return [*written, write_page(context, blocks, Path(folder))]

    def _context(self) -> Context:
        """What a report is made from."""
        candidates, basis = self.found or ([], None)
        return Context(self, tuple(candidates), basis, verdict(self, self.found))

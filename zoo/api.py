"""The public functions that need several rooms at once."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.choice.candidates import find_candidates
from zoo.choice.choice import choose as choose_among
from zoo.choice.limits import Limits, limits_by_name
from zoo.choice.verdict import verdict
from zoo.paths import default_store_url
from zoo.report.page import page_text, write_report
from zoo.report.sections.base import Context
from zoo.results.view import Results as RecordResults
from zoo.runs.adhoc import measure as measure_now
from zoo.runs.adhoc import transfer as transfer_now
from zoo.runs.evaluate import evaluate as evaluate_now
from zoo.runs.execute import run_suite
from zoo.runs.suite.file import load_suite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zoo.choice.basis import Basis
    from zoo.choice.candidates import Candidate
    from zoo.choice.choice import Choice
    from zoo.runs.events import Event


class Results(RecordResults):
    """Records as rows, frames and pages.

    See :class:`zoo.results.view.Results`.
    """

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

    def write_report(
        self, folder: str | Path, *, title: str = "Backbone Zoo", command: str = "zoo run"
    ) -> list[Path]:
        """Write ``README.md``, ``results.csv`` and the figures into a folder.

        Parameters
        ----------
        folder : str or Path
            Made where it is not there.
        title : str
        command : str
            What reproduces these results.

        Returns
        -------
        list of Path
            Every file written.

        Raises
        ------
        ZooError
            Where the folder cannot be written, or the records are of several machines.
        """
        return write_report(replace(self._context(), title=title, command=command), Path(folder))

    def _context(self) -> Context:
        """What a report is made from."""
        candidates, basis = self.found or ([], None)
        return Context(self, tuple(candidates), basis, verdict(self, self.found))


def run(
    suite: str = "quick",
    *,
    again: bool = False,
    retry: bool = False,
    executor: str | None = None,
    store_url: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Results:
    """Run a suite, going on where an earlier run left off.

    Returns all that it has measured on this machine.

    Parameters
    ----------
    suite : str
        A shipped suite's name, or the path of a TOML file.
    again, retry : bool
        Measure everything anew, or what did not end as ``ok``.
    executor : str, optional
        Name of the place where its jobs run; the suite's otherwise.
    store_url : str, optional
        SQLAlchemy URL of the store; the default one otherwise.
    on_event : callable, optional
        Told of every step; see :mod:`zoo.runs.events`.

    Raises
    ------
    ZooError
        For what the caller has to mend.
    KeyboardInterrupt
        After Ctrl-C; what was measured is kept.
    """
    outcome = run_suite(
        load_suite(suite),
        store_url=store_url or default_store_url(),
        again=again,
        retry=retry,
        on_event=on_event,
        executor=executor,
    )
    if outcome.interrupted:
        raise KeyboardInterrupt
    return Results([*outcome.records, *outcome.published])


def measure(models: Iterable[str], **settings: Any) -> Results:
    """Measure what some models cost, now.

    Parameters as of :func:`zoo.runs.adhoc.measure`.
    """
    return Results(measure_now(models, **settings).records)


def transfer(models: Iterable[str], task: str | None = None, **settings: Any) -> Results:
    """Train and test some models under regimes, now.

    Parameters as of :func:`zoo.runs.adhoc.transfer`.
    """
    return Results(transfer_now(models, task, **settings).records)


def evaluate(models: Iterable[str], data: str | Path, **settings: Any) -> Results:
    """Top-1 and top-5 of pretrained models on labelled images.

    See :func:`zoo.runs.evaluate.evaluate`.
    """
    return Results(evaluate_now(models, data, **settings))


def choose(results: RecordResults, objective: str = "accuracy", **options: Any) -> Choice:
    """Choose a backbone from results.

    Parameters
    ----------
    results : Results
    objective : str
        ``accuracy``, ``latency``, ``throughput``, ``params`` or ``macs``.
    options
        The limits of :class:`zoo.choice.limits.Limits` (``max_latency_ms=20``), and ``device``, ``threads``,
        ``input_size``, ``batch``, ``task``, ``shots``, ``strategy`` of :func:`zoo.choice.choice.choose`.

    Raises
    ------
    ZooError
        For an unknown objective, or nothing to choose from.
    """
    names = [name for name in options if name == "licence" or name in limits_by_name()]
    limits = Limits(**{name: options.pop(name) for name in names})
    return choose_among(results, objective, limits, **options)

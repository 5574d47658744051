"""Records for the commands that only read, of a store or a file."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zoo.cli.store import has_store, open_store, run_id
from zoo.errors import UnknownNameError, ZooError
from zoo.plans.plan import planned_keys
from zoo.results.jsonl import read_jsonl
from zoo.results.standing import passed_over_line
from zoo.results.view import Results
from zoo.suites.file import is_path, load_suite, suite_names

if TYPE_CHECKING:
    from zoo.results.record import Record
    from zoo.suites.suite import Suite


def read_results(
    source: Path | None, store: str | None, *, suite: NamedSuite | None = None, machine: str | None = None
) -> Results:
    """Records of a file or of the store, of one suite, of one machine.

    Raises
    ------
    ZooError
        For a suite or a machine that has no record, naming those that have.
    """
    # A suite's own record may have been superseded by another command's, which then counts for it too.
    if source is not None:
        found = sorted(read_jsonl(source), key=lambda record: record.outcome.started)
        labelled = {record.trial.key for record in found if suite and record.suite == suite.name}
    else:
        with open_store(store) as opened:
            found = opened.standing_of(machine)
            labelled = opened.keys(suite.name) if suite else set()
    gc.freeze()  # looking for circles in them, again and again to the command's end, would take longer than all else
    if suite is not None:
        found = _of_suite(found, suite, labelled)
    results = Results(found if source is not None else _with_published(found))
    if machine is not None:
        known = results.machines()
        if machine not in known:
            raise ZooError(f"no records of machine {machine!r}; there are {', '.join(known) or 'none'}")
        results = results.on(machine)
    if line := passed_over_line(results.passed_over):
        print(f"zoo: {line}", file=sys.stderr)
    return results


@dataclass(frozen=True, slots=True)
class NamedSuite:
    """A suite as a command names it.

    Attributes
    ----------
    given : str
        A shipped name, the path of a TOML file, or the name under which records are kept.
    name : str
        Under which its records are kept: of a TOML file, the one that it states.
    suite : Suite or None
        None where only records know of it.
    """

    given: str
    name: str
    suite: Suite | None


def named_suite(given: str) -> NamedSuite:
    """Read the suite that a command names.

    Raises
    ------
    ZooError
        For a file that cannot be read or is no suite.
    """
    suite = load_suite(given) if is_path(given) or given in suite_names() else None
    return NamedSuite(given, suite.name if suite else given, suite)


def _of_suite(found: list[Record], asked: NamedSuite, labelled: set[str]) -> list[Record]:
    """Records of a suite's trials, made for it or for another command, and what others published."""
    planned = planned_keys(asked.suite) if asked.suite else set()
    asked_for = planned | labelled
    if not asked_for:
        known = {record.suite for record in found if record.suite}
        hint = f"there are records of {_listed(known)}"
        raise UnknownNameError("suite", asked.given, {*known, *suite_names()}, hint)
    of_suite = [r for r in found if r.trial.kind == "published" or r.trial.key in asked_for]
    if all(record.trial.kind == "published" for record in of_suite):
        raise ZooError(f"no records of suite {asked.name!r}; measure them with `zoo run {asked.given}`")
    return of_suite


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _with_published(found: list[Record]) -> list[Record]:
    """What was measured, and of what others published that of the models among it."""
    measured = [record for record in found if record.trial.kind != "published"]
    models = {record.trial.model for record in measured}
    return [*measured, *(r for r in found if r.trial.kind == "published" and r.trial.model in models)]


def end_with(results: Results) -> None:
    """Exit with 1 where every trial failed, and say so."""
    failed = len(results.failures())
    if failed and failed == len(results):
        what = "the one trial" if failed == 1 else f"all {failed} trials"
        print(f"zoo: {what} failed; the reasons are above", file=sys.stderr)
        raise click.exceptions.Exit(1)


def read_run(text: str, store: str | None) -> Results:
    """Records of one side of a comparison.

    Parameters
    ----------
    text : str
        A JSON Lines file, or a run's id, of which the beginning is enough.
    store : str or None
        What ``--store`` says.

    Raises
    ------
    ZooError
        Where it is neither.
    """
    if Path(text).is_file():
        return read_results(Path(text), None)
    if store is None and not has_store():
        raise ZooError(f"{text!r}: no run of that id, and no such file; there is no store yet")
    with open_store(store) as opened:
        return Results(opened.records(latest=False, run=run_id(opened, text, "no run of that id, and no such file")))

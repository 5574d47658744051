"""Records for the commands that only read.

From the store, or from a JSON Lines file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli.options import store_url
from zoo.errors import UnknownNameError, ZooError
from zoo.results.jsonl import read_jsonl
from zoo.results.store.store import Store, is_missing
from zoo.results.view import Results
from zoo.runs.plan.plan import planned_keys
from zoo.runs.suite.file import is_path, load_suite, suite_names

if TYPE_CHECKING:
    from zoo.results.record import Record
    from zoo.runs.suite.suite import Suite


def read_results(
    source: Path | None, store: str | None, *, suite: NamedSuite | None = None, machine: str | None = None
) -> Results:
    """Read records of a file, or of the store.

    Those of one suite and of one machine, where they are given.

    Raises
    ------
    ZooError
        For a suite or a machine that has no record, naming those that have.
    """
    if source is not None:
        found = read_jsonl(source)
    else:
        with open_store(store) as opened:
            # A suite's own record may have been superseded by another command's, which then counts for it too.
            found = opened.records(latest=suite is None)
    if suite is not None:
        found = _of_suite(found, suite)
    results = Results(found if source is not None else _with_published(found))
    if machine is not None:
        known = results.machines()
        if machine not in known:
            raise ZooError(f"no records of machine {machine!r}; there are {', '.join(known) or 'none'}")
        results = results.on(machine)
    return results


def stored_records(store: str | None, *, must_exist: bool = False) -> list[Record]:
    """Read the newest record of every trial in the store.

    None where no store was named and there is none yet.

    Parameters
    ----------
    must_exist : bool
        Whether there has to be one, even if ``--store`` names none.
    """
    if not must_exist and store is None and is_missing(store_url(store)):
        return []
    with open_store(store) as opened:
        return opened.records()


def open_store(store: str | None) -> Store:
    """The store to read: made nowhere, changed in nothing."""
    return Store(store_url(store), read_only=True)


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


def _of_suite(found: list[Record], asked: NamedSuite) -> list[Record]:
    """Records of a suite's trials, made for it or for another command.

    And what others published.
    """
    planned = planned_keys(asked.suite) if asked.suite else set()
    labelled = {record.trial.key for record in found if record.suite == asked.name}
    if not planned | labelled:
        known = {record.suite for record in found if record.suite}
        hint = f"there are records of {_listed(known)}"
        raise UnknownNameError("suite", asked.given, {*known, *suite_names()}, hint)
    of_suite = [r for r in found if r.trial.kind == "published" or r.trial.key in planned | labelled]
    if all(record.trial.kind == "published" for record in of_suite):
        raise ZooError(f"no records of suite {asked.name!r}; measure them with `zoo run {asked.given}`")
    return of_suite


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _with_published(found: list[Record]) -> list[Record]:
    """What was measured, and what others published of the same models."""
    measured = [record for record in found if record.trial.kind != "published"]
    models = {record.trial.model for record in measured}
    return [*measured, *(r for r in found if r.trial.kind == "published" and r.trial.model in models)]


def read_run(text: str, store: str | None) -> Results:
    """Read the records of one side of a comparison.

    A JSON Lines file, or a run's id (its beginning is enough).

    Raises
    ------
    ZooError
        Where it is neither.
    """
    if Path(text).is_file():
        return read_results(Path(text), None)
    if store is None and is_missing(store_url(store)):
        raise ZooError(f"{text!r}: no run of that id, and no such file; there is no store yet")
    with open_store(store) as opened:
        return Results(opened.records(latest=False, run=run_id(opened, text, "no run of that id, and no such file")))


def run_id(opened: Store, text: str, unknown: str = "no run of that id") -> str:
    """The whole id of a run in a store, of which the beginning is enough.

    Raises
    ------
    ZooError
        ``unknown`` where there is none, and where several begin so.
    """
    runs = [str(run["run"]) for run in opened.runs()]
    matching = [run for run in dict.fromkeys(runs) if run.startswith(text)]
    if text in matching:
        return text
    if len(matching) != 1:
        raise ZooError(f"{text!r}: {'several runs begin so' if matching else unknown}; see `zoo results list`")
    return matching[0]

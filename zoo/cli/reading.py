"""Records for the commands that only read: from the store, or from a JSON Lines file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli.options import store_url
from zoo.errors import UnknownNameError, ZooError

if TYPE_CHECKING:
    from zoo.results.record import Record
    from zoo.results.results import Results


def read_results(
    source: Path | None, store: str | None, *, suite: str | None = None, machine: str | None = None
) -> Results:
    """Records of a file, or of the store; of one suite and of one machine where they are given.

    Raises
    ------
    ZooError
        For a suite or a machine that has no record, naming those that have.
    """
    from zoo.results.portable import read_jsonl
    from zoo.results.results import Results
    from zoo.results.store import Store

    if source is not None:
        found = read_jsonl(source)
    else:
        with Store(checked_url(store, must_exist=True)) as opened:
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
    """The newest record of every trial in the store; none where there may be no store, and is none.

    Raises
    ------
    ZooError
        As :func:`checked_url`.
    """
    from zoo.results.store import Store

    url = checked_url(store, must_exist=must_exist)
    if _absent(url) is not None:
        return []
    with Store(url) as opened:
        return opened.records()


def checked_url(store: str | None, *, must_exist: bool = False) -> str:
    """URL of a store that is only read: a mistyped one must not pass for one without records, or be made.

    Parameters
    ----------
    store : str or None
        As ``--store`` gives it; one that is named there has to exist.
    must_exist : bool
        Whether ``$ZOO_STORE``, or the default store, has to as well.

    Raises
    ------
    ZooError
        For a store that is not there.
    """
    url = store_url(store)
    path = _absent(url)
    if path is not None and (must_exist or store is not None):
        raise ZooError(f"{path}: no store there yet; measure something with `zoo run`, or name another")
    return url


def _absent(url: str) -> Path | None:
    """Path of a SQLite store that is not there; None for one that is, and for a server's."""
    path = Path(url.partition(":///")[2].partition("?")[0])
    return path if url.startswith("sqlite") and path.name and not path.exists() else None


def suite_name(suite: str) -> str:
    """Name under which a suite's records are kept: of a TOML file, the one that it states.

    Raises
    ------
    ZooError
        For a file that cannot be read or is no suite.
    """
    from zoo.runs.suite_file import is_path, load_suite

    return load_suite(suite).name if is_path(suite) else suite


def _of_suite(found: list[Record], suite: str) -> list[Record]:
    """Records of a suite's trials, made for it or for another command, and what others published."""
    from zoo.runs.planned import planned_keys
    from zoo.runs.suite_file import is_path, load_suite, suite_names

    name = suite_name(suite)
    planned = planned_keys(load_suite(suite)) if is_path(suite) or suite in suite_names() else set()
    labelled = {record.trial.key for record in found if record.suite == name}
    if not planned | labelled:
        known = {record.suite for record in found if record.suite}
        raise UnknownNameError("suite", suite, {*known, *suite_names()}, f"there are records of {_listed(known)}")
    of_suite = [r for r in found if r.trial.kind == "published" or r.trial.key in planned | labelled]
    if all(record.trial.kind == "published" for record in of_suite):
        raise ZooError(f"no records of suite {name!r}; measure them with `zoo run {suite}`")
    return of_suite


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _with_published(found: list[Record]) -> list[Record]:
    """What was measured, and of what others published that of the models among it."""
    measured = [record for record in found if record.trial.kind != "published"]
    models = {record.trial.model for record in measured}
    return [*measured, *(r for r in found if r.trial.kind == "published" and r.trial.model in models)]


def read_run(text: str, store: str | None) -> Results:
    """Records of one side of a comparison: a JSON Lines file, or a run's id (its beginning is enough).

    Raises
    ------
    ZooError
        Where it is neither.
    """
    from zoo.results.results import Results
    from zoo.results.store import Store

    if Path(text).is_file():
        return read_results(Path(text), None)
    with Store(checked_url(store)) as opened:
        runs = [str(run["run"]) for run in opened.runs()]
        matching = [run for run in dict.fromkeys(runs) if run.startswith(text)]
        if len(matching) != 1:
            found = "several runs begin so" if matching else "no run of that id, and no such file"
            raise ZooError(f"{text!r}: {found}; see `zoo results list`")
        return Results(opened.records(latest=False, run=matching[0]))

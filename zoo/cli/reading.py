"""Records for the commands that only read: from the store, or from a JSON Lines file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cli.options import store_url
from zoo.errors import ZooError

if TYPE_CHECKING:
    from zoo.results.record import Record
    from zoo.results.results import Results


def read_results(
    source: Path | None, store: str | None, *, suite: str | None = None, machine: str | None = None
) -> Results:
    """Records of a file, or of the store; of one machine where a key is given.

    Raises
    ------
    ZooError
        For a machine that has no record, naming those that have.
    """
    from zoo.results.portable import read_jsonl
    from zoo.results.results import Results
    from zoo.results.store import Store

    if source is not None:
        results = Results(read_jsonl(source))
    else:
        url = store_url(store)
        if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
            raise ZooError(f"{url.removeprefix('sqlite:///')}: no store there yet; measure something with `zoo run`")
        with Store(url) as opened:
            found = opened.records()
        results = Results(_chosen(found, suite))
    if machine is not None:
        known = results.machines()
        if machine not in known:
            raise ZooError(f"no records of machine {machine!r}; there are {', '.join(known) or 'none'}")
        results = results.on(machine)
    return results


def stored_records(store: str | None) -> list[Record]:
    """The newest record of every trial in the store; none where there is no store yet."""
    from zoo.results.store import Store

    url = store_url(store)
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return []
    with Store(url) as opened:
        return opened.records()


def _chosen(found: list[Record], suite: str | None) -> list[Record]:
    """Records of a suite, or all; of what others published, that of the models among them."""
    measured = [r for r in found if r.trial.kind != "published" and (suite is None or _belongs(r.suite, suite))]
    models = {record.trial.model for record in measured}
    return [*measured, *(r for r in found if r.trial.kind == "published" and r.trial.model in models)]


def _belongs(recorded: str, asked: str) -> bool:
    return recorded in (asked, Path(asked).stem)


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
    with Store(store_url(store)) as opened:
        runs = [str(run["run"]) for run in opened.runs()]
        matching = [run for run in dict.fromkeys(runs) if run.startswith(text)]
        if len(matching) != 1:
            found = "several runs begin so" if matching else "no run of that id, and no such file"
            raise ZooError(f"{text!r}: {found}; see `zoo results list`")
        return Results(opened.records(latest=False, run=matching[0]))

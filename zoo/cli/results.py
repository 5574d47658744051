"""``zoo results``: list, export, import and merge records."""

from __future__ import annotations

import sys
import time
import typing
from pathlib import Path

import typer

from zoo.cli import options
from zoo.errors import ZooError

if typing.TYPE_CHECKING:
    from zoo.results.record import Record

app = typer.Typer(help="List, export, import and merge records.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(store: str | None = options.store_option(), form: str = options.format_option()) -> None:
    """List the runs in the store, newest first.

    Example:  zoo results list
    """
    from zoo.cli.reading import checked_url
    from zoo.report.tables import Table
    from zoo.results.store import Store

    options.check_format(form)
    with Store(checked_url(store)) as opened:
        runs = opened.runs()
        name = opened.name
    rows = tuple(
        (
            str(run["run"])[:12],
            str(run["suite"]),
            str(run["machine"]),
            str(run["records"]),
            time.strftime("%Y-%m-%d %H:%M", time.gmtime(run["started"])),
        )
        for run in runs
    )
    headers = ("run", "suite", "machine", "records", "started, UTC")
    print(Table("", f"{len(rows)} runs in {name}.", headers, rows).render(form))


@app.command()
def export(
    file: Path = typer.Argument(..., help="JSON Lines file to write."),
    suite: str | None = typer.Option(None, "--suite", help="Only records of this suite."),
    run: str | None = typer.Option(None, "--run", help="Only records of this run."),
    every: bool = typer.Option(False, "--all", help="Superseded records too."),
    store: str | None = options.store_option(),
) -> None:
    """Write records to a JSON Lines file.

    Example:  zoo results export before.jsonl --suite quick
    """
    from zoo.cli.reading import checked_url, read_run
    from zoo.results.portable import write_jsonl
    from zoo.results.store import Store

    if run is not None:
        records = list(read_run(run, store).records)
    else:
        with Store(checked_url(store)) as opened:
            records = opened.records(latest=not every, suite=suite)
    count = write_jsonl(records, file)
    print(f"{count} records: {file}", file=sys.stderr)


@app.command("import")
def import_(
    files: list[Path] = typer.Argument(None, metavar="[FILE]...", help="JSON Lines, or pytest-benchmark's JSON."),
    timm: list[Path] = typer.Option(None, "--timm", help="Published results as timm writes them: results-*.csv."),
    dataset: str | None = typer.Option(
        None, "--dataset", help="Images of the --timm tables, such as imagenet (default: from the file's name)."
    ),
    store: str | None = options.store_option(),
) -> None:
    """Read records into the store; those already there are left alone.

    Published results stand beside measured costs from then on, marked as published.

    Example:  zoo results import other-machine.jsonl --timm results-imagenet.csv
    """
    from zoo.results.importing import read_any
    from zoo.results.store import Store

    if not files and not timm:
        raise ZooError("name files to import, or a table of published results with --timm")
    if dataset is not None and not timm:
        raise ZooError("--dataset says which images the tables of --timm are of; name one")
    parts = [(file, read_any(file)) for file in files or ()]
    parts += [(file, _published(file, dataset)) for file in timm or ()]
    with Store(options.store_url(store)) as opened:
        for file, records in parts:
            new = opened.add_all(records)
            print(f"{file}: {new} new records, {len(records) - new} already there", file=sys.stderr)


def _published(file: Path, dataset: str | None) -> list[Record]:
    """Records of a table of published results; what it has that is not known is counted on stderr."""
    from zoo.results.published import IMAGENET, read_timm_results

    found = read_timm_results(file, dataset)
    if found.dataset != IMAGENET:
        print(f"{file}: kept as results on {found.dataset!r}; tables show those on {IMAGENET}", file=sys.stderr)
    for what, values in (
        ("unknown columns", found.unknown_columns),
        ("models that are not in the registry", found.unknown_models),
        ("lines without numbers", found.broken_lines),
    ):
        if values:
            shown = ", ".join(map(str, values[:3])) + (" …" if len(values) > 3 else "")
            print(f"{file}: {what}: {len(values)} ({shown})", file=sys.stderr)
    return list(found.records)


@app.command()
def merge(
    files: list[Path] = typer.Argument(..., metavar="FILE...", help="JSON Lines files; the last is written."),
) -> None:
    """Merge JSON Lines files into the last one named, each record once.

    Example:  zoo results merge a.jsonl b.jsonl both.jsonl
    """
    from zoo.results.portable import merge as merge_records
    from zoo.results.portable import read_jsonl, write_jsonl

    if len(files) < 2:
        raise ZooError("name at least one file to read, and last the file to write")
    *sources, target = files
    count = write_jsonl(merge_records(*(read_jsonl(file) for file in sources)), target)
    print(f"{count} records: {target}", file=sys.stderr)

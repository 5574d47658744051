"""``zoo results``: list, export, import, merge and remove records."""

from __future__ import annotations

import sys
import time
import typing
from itertools import chain

import click

from zoo.cli import completion, options, values
from zoo.cli.command import Group
from zoo.cli.store import open_store, run_id
from zoo.errors import ZooError
from zoo.formats import render
from zoo.formats.table import Table
from zoo.results.frame import iso_text
from zoo.results.importers.file import read_any
from zoo.results.importers.timm import read_timm_results
from zoo.results.jsonl import merge as merge_records
from zoo.results.jsonl import read_jsonl, write_jsonl
from zoo.results.standing import passed_over_line
from zoo.sources.figure import IMAGENET
from zoo.store.store import Store

if typing.TYPE_CHECKING:
    from pathlib import Path

    from zoo.results.record import Record


@click.group("results", cls=Group)
def results() -> None:
    """List, export, import, merge and remove records."""


@results.command("list")
@options.store_option
@options.format_option
def list_(store: str | None, form: str) -> None:
    """List the runs in the store, newest first.

    Example:  zoo results list
    """
    options.check_format(form)
    with open_store(store) as opened:
        runs = opened.runs()
        name = opened.name
        line = passed_over_line(opened.passed_over())
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
    data = tuple({**run, "started": iso_text(run["started"])} for run in runs)
    print(render(Table("", f"{len(rows)} runs in {name}.", headers, rows, data=data), form))
    if line:
        print(f"zoo: {line}", file=sys.stderr)


@results.command("export")
@click.argument("file", type=options.FILE, metavar="FILE", help="JSON Lines file to write.")
@click.option("--suite", metavar="SUITE", shell_complete=completion.suites, help="Only records of this suite.")
@click.option("--run", metavar="RUN", help="Only records of this run.")
@click.option("--all", "every", is_flag=True, help="Superseded records too.")
@options.store_option
def export(file: Path, suite: str | None, run: str | None, every: bool, store: str | None) -> None:
    """Write records to a JSON Lines file.

    Example:  zoo results export before.jsonl --suite quick
    """
    with open_store(store) as opened:
        wanted = None if run is None else run_id(opened, run)
        records = opened.stream(latest=not every and wanted is None, suite=suite, run=wanted)
        first = next(records, None)
        if first is None:
            asked = "".join(f" of {what} {name!r}" for what, name in (("suite", suite), ("run", run)) if name)
            raise ZooError(f"{opened.name}: no records{asked}; see `zoo results list`")
        count = write_jsonl(chain([first], records), file)
    print(f"{count} records: {file}", file=sys.stderr)


@results.command("import")
@click.argument(
    "files",
    nargs=-1,
    type=options.FILE,
    metavar="[FILE]...",
    help="JSON Lines (also .gz, .bz2, .xz), or pytest-benchmark's JSON.",
)
@click.option(
    "--timm",
    multiple=True,
    type=options.FILE,
    metavar="FILE",
    help="Published results as timm writes them: results-*.csv (may be repeated).",
)
@click.option(
    "--dataset", metavar="NAME", help="Images of the --timm tables, such as imagenet (default: from the file's name)."
)
@options.store_option
def import_(files: tuple[Path, ...], timm: tuple[Path, ...], dataset: str | None, store: str | None) -> None:
    """Read records into the store.

    Those already there are left alone. Published results stand beside measured costs from then on,
    marked as published.

    Example:  zoo results import other-machine.jsonl --timm results-imagenet.csv
    """
    if not files and not timm:
        raise ZooError("name files to import, or a table of published results with --timm")
    if dataset is not None and not timm:
        raise ZooError("--dataset says which images the tables of --timm are of; name one")
    parts = [(file, read_any(file)) for file in files]
    parts += [(file, _published(file, dataset)) for file in timm]
    with Store(options.store_url(store)) as opened:
        for file, records in parts:
            new = opened.add_all(records)
            print(f"{file}: {new} new records, {len(records) - new} already there", file=sys.stderr)


def _published(file: Path, dataset: str | None) -> list[Record]:
    """Records of a table of published results; what it has that is not known is counted on stderr."""
    found = read_timm_results(file, dataset)
    if found.dataset != IMAGENET:
        print(f"{file}: kept as results on {found.dataset!r}; tables show those on {IMAGENET}", file=sys.stderr)
    for what, unread in (
        ("unknown columns", found.unknown_columns),
        ("models that are not in the registry", found.unknown_models),
        ("lines without numbers", found.broken_lines),
        ("older names", found.renamed),
    ):
        if unread:
            shown = ", ".join(map(str, unread[:3])) + (" …" if len(unread) > 3 else "")
            print(f"{file}: {what}: {len(unread)} ({shown})", file=sys.stderr)
    return list(found.records)


@results.command("merge")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=options.FILE,
    metavar="FILE...",
    help="JSON Lines files; the last is written.",
)
@click.option("--force", is_flag=True, help="Write over the last file if it is there.")
def merge(files: tuple[Path, ...], force: bool) -> None:
    """Merge JSON Lines files into a new one, the last named, each record once.

    Example:  zoo results merge a.jsonl b.jsonl both.jsonl
    """
    if len(files) < 2:
        raise ZooError("name at least one file to read, and last the file to write")
    *sources, target = files
    if target.is_file() and not force and target.resolve() not in [source.resolve() for source in sources]:
        raise ZooError(
            f"{target}: there already, and the last file named is written; end with a new name, or with "
            f"`{target} {target}` to add to it, or say --force to write over it"
        )
    count = write_jsonl(merge_records(*(read_jsonl(file) for file in sources)), target)
    print(f"{count} records: {target}", file=sys.stderr)


@results.command("remove")
@click.option("--record", "records", multiple=True, metavar="ID,...", help="Id of a record, as an error names it.")
@click.option("--run", metavar="RUN", help="Every record of this run.")
@click.option("--suite", metavar="SUITE", shell_complete=completion.suites, help="Every record of this suite.")
@options.yes_option
@options.store_option
def remove(records: tuple[str, ...], run: str | None, suite: str | None, yes: bool, store: str | None) -> None:
    """Delete records from the store.

    Superseded ones too; an older record of a trial then counts again.

    Example:  zoo results remove --run 3f2a
    """
    ids = values.words(records)
    if not ids and run is None and suite is None:
        raise ZooError("name what to delete: --record, --run or --suite; see `zoo results list`")
    with open_store(store) as opened:
        found = opened.outlines(ids=ids, run=None if run is None else run_id(opened, run), suite=suite)
        name = opened.name
    unknown = sorted(set(ids) - {outline["id"] for outline in found})
    if unknown or not found:
        raise ZooError(f"{name}: no such record{f': {unknown[0]}' if unknown else ''}; see `zoo results list`")
    runs = dict.fromkeys(f"run {outline['run'][:12]} of suite {outline['suite']}" for outline in found)
    listed = f"{len(found)} record{'s' * (len(found) != 1)} ({'; '.join(list(runs)[:5])}"
    listed += f"; and {len(runs) - 5} more)" if len(runs) > 5 else ")"
    options.confirm_deletion(f"{listed} from {name}", yes)
    with Store(options.store_url(store)) as opened:
        print(f"{opened.remove([outline['id'] for outline in found])} deleted", file=sys.stderr)

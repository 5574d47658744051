"""``zoo report``: records made into a folder of pages, figures and CSV."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from zoo.api.results import Results
from zoo.cli import completion, options
from zoo.cli.command import Command
from zoo.cli.reading import named_suite, read_results
from zoo.compare.machines import write_side_by_side
from zoo.errors import ZooError
from zoo.paths import shown_command


@click.command("report", cls=Command)
@options.suite_argument("The suite whose records are wanted (default: quick).")
@options.source_option
@click.option(
    "--report",
    "folder",
    metavar="FOLDER",
    shell_complete=completion.folders,
    help="Where to write it (default: reports/SUITE).",
)
@click.option("--compare", is_flag=True, help="Machines side by side, each with its own frontier.")
@options.machine_option
@options.store_option
def report(
    suite: str, source: Path | None, folder: str | None, compare: bool, machine: str | None, store: str | None
) -> None:
    """Write a report from records that are there, measuring nothing.

    Example:  zoo report classics --report reports/classics
    """
    if compare and machine is not None:
        raise ZooError("--machine takes one, and --compare sets several side by side; give one of them")
    asked = named_suite(suite)
    results = read_results(source, store, suite=None if source else asked, machine=machine)
    target = Path(folder or f"reports/{asked.name}{'-machines' if compare else ''}")
    command = shown_command("run", suite) if asked.suite and not source else ""
    if compare:
        written = write_side_by_side(results, target, f"Suite {asked.name}, machines side by side")
    else:
        written = Results(results.records).write_report(target, title=f"Suite {asked.name}", command=command)
    for path in written:
        print(path)
    print(f"{len(results)} records", file=sys.stderr)

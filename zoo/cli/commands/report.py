"""``zoo report``: records made into a folder of Markdown, figures and CSV."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from zoo.api.results import Results
from zoo.cli import completion, options
from zoo.cli.reading import named_suite, read_results


def report(
    suite: str = typer.Argument(
        "quick", help="The suite whose records are wanted.", autocompletion=completion.complete_suites
    ),
    source: Path | None = typer.Option(None, "--from", help="A JSON Lines export to read instead of the store."),
    folder: str = typer.Option("", "--report", help="Where to write it (default: reports/SUITE)."),
    machine: str | None = typer.Option(None, "--machine", help="Machine key, where records are of several."),
    store: str | None = options.store_option(),
) -> None:
    """Write a report from records that are there, measuring nothing.

    Example:  zoo report classics --report reports/classics
    """
    asked = named_suite(suite)
    results = read_results(source, store, suite=None if source else asked, machine=machine)
    target = Path(folder or f"reports/{asked.name}")
    command = f"zoo report --from {source}" if source else f"zoo run {suite}"
    written = Results(results.records).write_report(target, title=f"Suite {asked.name}", command=command)
    for path in written:
        print(path)
    print(f"{len(results)} records", file=sys.stderr)

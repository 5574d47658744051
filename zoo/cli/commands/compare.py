"""``zoo compare``: two runs, or two models."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from zoo.cli import options
from zoo.cli.reading import read_results, read_run
from zoo.compare.compare import compare as compare_runs
from zoo.compare.compare import compare_models
from zoo.errors import ZooError
from zoo.report.formats import render


def compare(
    a: str = typer.Argument(..., metavar="A", help="A run's id, an exported file, or a model."),
    b: str = typer.Argument(..., metavar="B", help="The same for what is held against it."),
    models: bool = typer.Option(False, "--models", help="A and B are models of the same records."),
    source: Path | None = typer.Option(None, "--from", help="With --models: a JSON Lines export to read."),
    absolute: bool = typer.Option(False, "--absolute", help="Judge times as they are, however the machine moved."),
    machine: str | None = typer.Option(None, "--machine", help="With --models: key of the machine."),
    store: str | None = options.store_option(),
    form: str = options.format_option(),
) -> None:
    """Compare two runs or two models.

    Exit 0: same or better; 1: regression; 2: error; 3: unresolved.

    Example:  zoo compare before.jsonl after.jsonl
    """
    options.check_format(form)
    if not models and (source is not None or machine is not None):
        raise ZooError("--from and --machine choose among the records of --models; two runs are named whole")
    if models and absolute:
        raise ZooError("--absolute is of two runs; the models of --models are compared as they were timed")
    if models:
        comparison = compare_models(read_results(source, store, machine=machine), a, b)
    else:
        comparison = compare_runs(read_run(a, store), read_run(b, store), absolute=absolute)
    if form == "json":
        print(json.dumps(comparison.to_dict(), indent=2))
    else:
        print(render(comparison.table(), form))
    raise typer.Exit(comparison.exit_code)

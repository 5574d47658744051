"""``zoo compare``: two runs, or two models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from zoo.cli import completion, options
from zoo.cli.command import Command
from zoo.cli.reading import read_results, read_run
from zoo.compare.compare import compare as compare_runs
from zoo.compare.compare import compare_models
from zoo.errors import ZooError
from zoo.formats import render

if TYPE_CHECKING:
    from pathlib import Path


@click.command("compare", cls=Command)
@click.argument("a", metavar="A", shell_complete=completion.files, help="A run's id, an exported file, or a model.")
@click.argument("b", metavar="B", shell_complete=completion.files, help="The same for what is held against it.")
@click.option("--models", is_flag=True, help="A and B are models of the same records.")
@click.option(
    "--from", "source", type=options.FILE, metavar="FILE", help="With --models: a JSON Lines export to read."
)
@click.option("--absolute", is_flag=True, help="Judge times as they are, however the machine moved.")
@click.option("--machine", metavar="KEY", help="With --models: key of the machine.")
@options.store_option
@options.format_option
def compare(
    a: str,
    b: str,
    models: bool,
    source: Path | None,
    absolute: bool,
    machine: str | None,
    store: str | None,
    form: str,
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
        print(json.dumps(comparison.to_dict(), indent=2, allow_nan=False))
    else:
        print(render(comparison.table(), form))
    raise click.exceptions.Exit(comparison.exit_code)

"""``zoo compare``: two runs, two models, or two settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from zoo.cli import completion, options
from zoo.cli.command import Command
from zoo.cli.reading import read_results, read_run
from zoo.compare.compare import compare as compare_runs
from zoo.compare.compare import compare_models
from zoo.compare.settings import compare_settings
from zoo.errors import ZooError
from zoo.formats import render

if TYPE_CHECKING:
    from pathlib import Path


@click.command("compare", cls=Command)
@click.argument(
    "a", metavar="A", shell_complete=completion.files, help="A run's id, an exported file, a model, or settings."
)
@click.argument("b", metavar="B", shell_complete=completion.files, help="The same for what is held against it.")
@click.option("--models", is_flag=True, help="A and B are models of the same records.")
@click.option("--settings", is_flag=True, help="A and B are settings of the same models: engine=eager,threads=1.")
@click.option(
    "--from", "source", type=options.FILE, metavar="FILE", help="With these two: a JSON Lines export to read."
)
@click.option("--absolute", is_flag=True, help="Judge times as they are, however the machine moved.")
@click.option("--machine", metavar="KEY", help="With these two: key of the machine.")
@options.store_option
@options.format_option
def compare(
    a: str,
    b: str,
    models: bool,
    settings: bool,
    source: Path | None,
    absolute: bool,
    machine: str | None,
    store: str | None,
    form: str,
) -> None:
    """Compare two runs, two models, or two settings.

    Exit 0: same or better; 1: regression; 2: error; 3: unresolved.

    Example:  zoo compare before.jsonl after.jsonl
    """
    options.check_format(form)
    if models and settings:
        raise ZooError("--models or --settings: A and B are either")
    if not (models or settings) and (source is not None or machine is not None):
        raise ZooError(
            "--from and --machine choose among the records of --models and --settings; two runs are named whole"
        )
    if (models or settings) and absolute:
        raise ZooError("--absolute is of two runs; models and settings are compared as they were timed")
    if settings:
        one, other = _side(a, "A"), _side(b, "B")
        comparison = compare_settings(read_results(source, store, machine=machine), one, other)
    elif models:
        comparison = compare_models(read_results(source, store, machine=machine), a, b)
    else:
        comparison = compare_runs(read_run(a, store), read_run(b, store), absolute=absolute)
    if form == "json":
        print(json.dumps(comparison.to_dict(), indent=2, allow_nan=False))
    else:
        print(render(comparison.table(), form))
    raise click.exceptions.Exit(comparison.exit_code)


def _side(text: str, place: str) -> dict[str, str]:
    """Settings by name, of ``engine=eager,threads=1``."""
    parts = [part.partition("=") for part in text.split(",")]
    if not all(name.strip() and sign and value.strip() for name, sign, value in parts):
        raise ZooError(f"{place}: {text!r} is not NAME=VALUE, or several of them between commas")
    return {name.strip().replace("-", "_"): value.strip() for name, _, value in parts}

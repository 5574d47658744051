"""``zoo evaluate``: pretrained models on a folder of labelled images."""

from __future__ import annotations

import sys
import typing

import click

from zoo.api.evaluate import evaluate as evaluate_now
from zoo.cli import completion, options, values
from zoo.cli.command import Command
from zoo.cli.progress import ProgressReporter
from zoo.formats import render
from zoo.registry.catalogue import is_published, tag_facts
from zoo.report.sections.evaluations import evaluation_table
from zoo.results.view import Results
from zoo.sources.naming import DEFAULT
from zoo.store.store import Store

if typing.TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zoo.results.record import Record


@click.command("evaluate", cls=Command)
@options.models_argument
@click.option(
    "--data",
    required=True,
    type=options.FILE,
    metavar="FOLDER",
    shell_complete=completion.folders,
    help="A folder a class, named by WordNet id or index.",
)
@click.option(
    "--weights",
    default=DEFAULT,
    metavar="TAG|FILE",
    shell_complete=completion.files,
    help="A tag, or the path of a checkpoint of your own.",
)
@click.option("--classes", type=options.FILE, metavar="FILE", help="The classes in order: a name a line, or JSON.")
@options.device_option
@click.option("--batch", type=int, default=32, metavar="N", help="Images at a time.")
@click.option("--test-size", is_flag=True, help="At the size that the weights are best tested at.")
@options.corrupt_option
@click.option("--again", is_flag=True, help="Measure anew what succeeded before on these images.")
@click.option("--timeout", metavar="TIME", help="Time for one model: 90s, 10m (default: ample).")
@options.store_option
@options.format_option
def evaluate(
    names: tuple[str, ...],
    data: Path,
    weights: str,
    classes: Path | None,
    device: str,
    batch: int,
    test_size: bool,
    corrupt: str,
    again: bool,
    timeout: str | None,
    store: str | None,
    form: str,
) -> None:
    """Measure top-1 and top-5 of pretrained models on your images.

    Images are preprocessed as the weights state it.

    Example:  zoo evaluate resnet18 timm/resnet50.a1_in1k --data path/to/imagenet/val
    """
    options.check_format(form)
    url = options.store_url(store)
    with ProgressReporter() as listen:
        records = evaluate_now(
            names,
            data,
            weights=weights,
            classes=classes,
            device=device,
            batch=batch,
            test_size=test_size,
            corrupt=corrupt,
            again=again,
            timeout_s=values.seconds(timeout, "--timeout"),
            store_url=url,
            on_event=listen,
        ).records
    with Store(url, read_only=True) as opened:
        published = opened.records(kind="published")
    print(render(evaluation_table(Results([*records, *published])), form))
    _end(records)


def _end(records: Sequence[Record]) -> None:
    for record in records:
        trial = record.trial
        if is_published(trial.model, trial.weights):
            options.warn_of_licence(trial.display_name, tag_facts(trial.model, trial.weights).licence)
    failed = [record for record in records if not record.outcome.metrics]
    for record in failed:
        print(f"zoo: warning: {record.trial.display_name}: {record.outcome.reason}", file=sys.stderr)
    if failed:
        raise click.exceptions.Exit(1)

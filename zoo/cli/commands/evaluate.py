"""``zoo evaluate``: pretrained models as they are, on a folder of labelled images."""

from __future__ import annotations

import sys
import typing
from pathlib import Path

import typer

from zoo.api.evaluate import evaluate as evaluate_now
from zoo.cli import completion, options
from zoo.cli.progress import ProgressReporter
from zoo.registry.catalogue import is_published, tag_facts
from zoo.registry.naming import DEFAULT
from zoo.report.formats import render
from zoo.report.sections.evaluations import evaluation_table
from zoo.results.store.store import Store
from zoo.results.view import Results

if typing.TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.results.record import Record


def evaluate(
    names: list[str] = typer.Argument(..., metavar="NAME...", autocompletion=completion.complete_models()),
    data: Path = typer.Option(..., "--data", help="A folder a class, named by WordNet id or index."),
    weights: str = typer.Option(DEFAULT, "--weights", help="A tag, or the path of a checkpoint of your own."),
    device: str = typer.Option("auto", "--device", help="auto, cpu, cuda, cuda:1."),
    batch: int = typer.Option(32, "--batch", help="Images at a time."),
    test_size: bool = typer.Option(False, "--test-size", help="At the size that the weights are best tested at."),
    corrupt: str = typer.Option("refuse", "--corrupt", help="Images that cannot be read: refuse or skip."),
    again: bool = typer.Option(False, "--again", help="Measure anew what succeeded before on these images."),
    timeout: str | None = typer.Option(None, "--timeout", help="Time for one model: 90s, 10m (default: ample)."),
    store: str | None = options.store_option(),
    form: str = options.format_option(),
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
            device=device,
            batch=batch,
            test_size=test_size,
            corrupt=corrupt,
            again=again,
            timeout_s=options.seconds(timeout, "--timeout"),
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
        raise typer.Exit(1)

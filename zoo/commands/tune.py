"""``zoo tune``: the fastest setting of a model here."""

from __future__ import annotations

import click

from zoo.api.tune import PERMITTED, tune
from zoo.cli import options, values
from zoo.cli.command import Command
from zoo.cli.progress import ProgressReporter
from zoo.formats import render
from zoo.report.tuned import python_line, sentence, tuning_table
from zoo.sources.naming import AUTO


@click.command("tune", cls=Command)
@options.model_argument
@click.option("--metric", default="throughput", metavar="NAME", help="throughput or latency.")
@options.device_option
@click.option("--batch", "batches", multiple=True, default=["1", "8", "32"], metavar="N,...", help="Images a call.")
@click.option("--threads", multiple=True, default=["1", "all"], metavar="N,...", help="CPU threads, or all.")
@click.option(
    "--precision",
    "precisions",
    multiple=True,
    default=["fp32", "bf16"],
    metavar="NAME,...",
    help="fp32, bf16, fp16, int8.",
)
@click.option(
    "--engine",
    "engines",
    multiple=True,
    default=[AUTO],
    metavar="NAME,...",
    help="auto: all at hand but those that compile for minutes.",
)
@click.option(
    "--max-difference", type=float, default=PERMITTED, metavar="NUMBER", help="Of an output, over the largest one."
)
@click.option(
    "--min-agreement",
    type=float,
    metavar="SHARE",
    help="Of real images with the same top-1, for what differs by more to be taken too: 0.95.",
)
@options.timed_size_option
@options.timed_weights_option
@click.option("--budget", default="3m", metavar="TIME", help="Time for all: 30s, 3m.")
@options.store_option
@options.format_option
def tune_(
    name: str,
    metric: str,
    device: str,
    batches: tuple[str, ...],
    threads: tuple[str, ...],
    precisions: tuple[str, ...],
    engines: tuple[str, ...],
    max_difference: float,
    min_agreement: float | None,
    size: str,
    weights: str,
    budget: str,
    store: str | None,
    form: str,
) -> None:
    """Find the fastest setting of a model here, without trying all.

    Example:  zoo tune mobilenet_v2 --metric latency --max-difference 0.001
    """
    options.check_format(form)
    with ProgressReporter() as listen:
        found = tune(
            name,
            metric=metric,
            device=device,
            batches=[int(n) for n in values.numbers(batches, "--batch", word="")],
            threads=values.numbers(threads, "--threads", values.ALL),
            precisions=values.words(precisions),
            engines=values.words(engines),
            max_difference=max_difference,
            min_agreement=min_agreement,
            input_size=values.size(size),
            weights=weights,
            budget_s=values.seconds(budget, "--budget") or 0.0,
            store_url=options.store_url(store),
            on_event=listen,
        )
    print(render(tuning_table(found), form))
    if form in ("table", "md"):
        print(f"\n{sentence(found)}\n{python_line(found)}")

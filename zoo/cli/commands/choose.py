"""``zoo choose``: limits in, a backbone and its reasons out."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from zoo.choice.choice import choose as choose_among
from zoo.choice.limits import Limits, limits_by_name
from zoo.cli import options
from zoo.cli.limits import with_limits
from zoo.cli.reading import named_suite, read_results


@with_limits
def choose(
    objective: str = typer.Option("accuracy", "--objective", help="accuracy, a metric (latency), params, macs."),
    licence: list[str] = options.licence_option(),
    device: str | None = typer.Option(None, "--device", help="Choose by the latency on this device."),
    threads: int | None = typer.Option(None, "--threads", help="Choose by the latency at so many CPU threads."),
    input_size: str | None = typer.Option(
        None, "--input-size", help="Choose by the costs at so many pixels, or 'native' (the default, where any is)."
    ),
    batch: str | None = typer.Option(None, "--batch", help="Choose by the throughput at this batch."),
    task: str | None = typer.Option(None, "--task", help="Choose by the accuracy on this task, or as 'published'."),
    shots: str | None = typer.Option(None, "--shots", help="Choose by the accuracy at so many images a class."),
    strategy: str | None = typer.Option(None, "--strategy", help="Only this regime (default: each model's best)."),
    suite: str | None = typer.Option(None, "--suite", help="Only records of this suite."),
    source: Path | None = typer.Option(None, "--from", help="A JSON Lines export to read instead of the store."),
    machine: str | None = typer.Option(None, "--machine", help="Machine key, where records are of several."),
    store: str | None = options.store_option(),
    form: str = typer.Option("table", "--format", help="table (text) or json."),
    **bounds: str | None,
) -> None:
    """Choose a backbone from what was measured.

    Exit 3 where nothing meets the limits.

    Example:  zoo choose --max-latency-ms 20 --min-accuracy 0.7
    """
    options.check_format(form, options.TEXT_OR_JSON)
    known = limits_by_name()
    given = {
        name: options.amount(text, known[name][1].limit_flag, known[name][1].example) for name, text in bounds.items()
    }
    limits = Limits(licence=options.licences(licence), **given)
    count = None if shots is None else options.number(shots, "--shots")
    choice = choose_among(
        read_results(source, store, suite=None if suite is None else named_suite(suite), machine=machine),
        objective,
        limits,
        device=device,
        threads=threads,
        input_size=None if input_size is None else options.native_or_pixels(input_size, "--input-size"),
        batch=None if batch is None else options.whole(batch, "--batch"),
        task=task,
        shots=count,
        strategy=strategy,
    )
    print(json.dumps(choice.to_dict(), indent=2, allow_nan=False) if form == "json" else choice.to_text())
    raise typer.Exit(choice.exit_code)

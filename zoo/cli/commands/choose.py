"""``zoo choose``: limits in, a backbone and its reasons out."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from zoo.choice.choice import choose as choose_among
from zoo.choice.limits import Limits
from zoo.cli import options
from zoo.cli.reading import read_results


def choose(
    objective: str = typer.Option("accuracy", "--objective", help="accuracy, latency, throughput, params, macs."),
    max_latency_ms: str | None = typer.Option(None, "--max-latency-ms", help="Milliseconds, batch 1."),
    min_accuracy: str | None = typer.Option(None, "--min-accuracy", help="A fraction, such as 0.8."),
    max_params: str | None = typer.Option(None, "--max-params", help="30e6 or 30M."),
    max_macs: str | None = typer.Option(None, "--max-macs", help="4e9 or 4G."),
    min_throughput: str | None = typer.Option(None, "--min-throughput", help="Images a second."),
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
) -> None:
    """Choose a backbone from what was measured.

    Exit 3 where nothing meets the limits.

    Example:  zoo choose --max-latency-ms 20 --min-accuracy 0.7
    """
    options.check_format(form, options.TEXT_OR_JSON)
    limits = Limits(
        max_latency_ms=options.amount(max_latency_ms, "--max-latency-ms", "20"),
        min_accuracy=options.amount(min_accuracy, "--min-accuracy", "0.8"),
        max_params=options.amount(max_params, "--max-params"),
        max_macs=options.amount(max_macs, "--max-macs"),
        min_throughput=options.amount(min_throughput, "--min-throughput", "100"),
        licence=options.licences(licence),
    )
    count = None if shots is None else options.number(shots, "--shots")
    choice = choose_among(
        read_results(source, store, suite=suite, machine=machine),
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

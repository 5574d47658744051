"""``zoo bench``: the cost of some models, now."""

from __future__ import annotations

import typer

from zoo.api.measure import measure
from zoo.cli import completion, options
from zoo.cli.progress import ProgressReporter
from zoo.registry.naming import AUTO
from zoo.report.printed import printed


def bench(
    names: list[str] = typer.Argument(..., metavar="NAME...", autocompletion=completion.complete_models()),
    device: str = typer.Option("auto", "--device", help="auto, cpu, cuda, cuda:N."),
    metrics: list[str] = typer.Option(["latency"], "--metric", help="latency, throughput."),
    batches: list[str] = typer.Option(["8"], "--batch", help="Images a call, for throughput."),
    threads: list[str] = typer.Option(["1", "all"], "--threads", help="CPU threads, or all."),
    precisions: list[str] = typer.Option(["fp32"], "--precision", help="fp32, tf32 (GPU), bf16, fp16."),
    formats: list[str] = typer.Option(["contiguous"], "--memory-format", help="contiguous, channels_last."),
    engines: list[str] = typer.Option(["eager"], "--engine", help="What runs the models: eager."),
    size: str = typer.Option("native", "--input-size", help="native, smallest or pixels."),
    weights: str = typer.Option(AUTO, "--weights", help="auto, none, or a tag."),
    aa: bool = typer.Option(False, "--aa", help="Also time the anchor twice, for the noise floor."),
    budget: str | None = typer.Option(None, "--budget", help="Time for one cohort: 30s, 2m."),
    store: str | None = options.store_option(),
    form: str = options.format_option(),
) -> None:
    """Measure what some models cost, now, in interleaved rounds.

    Example:  zoo bench resnet18 mobilenet_v2 --threads 1 --metric latency,throughput --batch 16
    """
    options.check_format(form)
    with ProgressReporter() as listen:
        results = measure(
            names,
            device=device,
            metrics=options.words(metrics),
            batches=[int(n) for n in options.numbers(batches, "--batch", word="")],
            threads=options.numbers(threads, "--threads"),
            precisions=options.words(precisions),
            memory_formats=options.words(formats),
            engines=options.words(engines),
            input_size=options.size(size),
            weights=weights,
            aa_pair=aa,
            budget_s=options.seconds(budget, "--budget"),
            store_url=options.store_url(store),
            on_event=listen,
        )
    print(printed(results, form))

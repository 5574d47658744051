"""``zoo bench``: the cost of some models, now."""

from __future__ import annotations

import click

from zoo.api.measure import measure
from zoo.cli import options, values
from zoo.cli.command import Command
from zoo.cli.progress import ProgressReporter
from zoo.cli.reading import end_with
from zoo.cohorts.batches import CURVE
from zoo.cost.engines import ENGINES
from zoo.cost.metrics import METRICS
from zoo.report.printed import printed


@click.command("bench", cls=Command)
@options.models_argument
@options.device_option
@click.option(
    "--metric", "metrics", multiple=True, default=["latency"], metavar="NAME,...", help=f"{', '.join(METRICS)}."
)
@click.option(
    "--batch",
    "batches",
    multiple=True,
    default=["8"],
    metavar="N,...",
    help="Images a call, for metrics other than latency, load, first_call and disk_size; curve: 1, 2, 4 and so on, "
    "as far as a model's throughput rises.",
)
@click.option("--threads", multiple=True, default=["1", "all"], metavar="N,...", help="CPU threads, or all.")
@click.option(
    "--precision",
    "precisions",
    multiple=True,
    default=["fp32"],
    metavar="NAME,...",
    help="fp32, tf32 (GPU), bf16, fp16, int8 (onnxruntime, openvino).",
)
@click.option(
    "--memory-format",
    "formats",
    multiple=True,
    default=["contiguous"],
    metavar="NAME,...",
    help="contiguous, channels_last.",
)
@click.option(
    "--engine", "engines", multiple=True, default=["eager"], metavar="NAME,...", help=f"{', '.join(ENGINES)}."
)
@click.option(
    "--form", "forms", multiple=True, default=["deployed"], metavar="NAME,...", help="deployed, trained (as built)."
)
@click.option(
    "--allocator",
    "allocators",
    multiple=True,
    default=["kept"],
    metavar="NAME,...",
    help="kept, default: what becomes of freed memory.",
)
@options.timed_size_option
@options.timed_weights_option
@click.option("--aa", is_flag=True, help="Also time the anchor twice, for the noise floor.")
@click.option("--budget", metavar="TIME", help="Time for one cohort: 30s, 2m.")
@options.store_option
@options.format_option
def bench(
    names: tuple[str, ...],
    device: str,
    metrics: tuple[str, ...],
    batches: tuple[str, ...],
    threads: tuple[str, ...],
    precisions: tuple[str, ...],
    formats: tuple[str, ...],
    engines: tuple[str, ...],
    forms: tuple[str, ...],
    allocators: tuple[str, ...],
    size: str,
    weights: str,
    aa: bool,
    budget: str | None,
    store: str | None,
    form: str,
) -> None:
    """Measure what some models cost, now, in interleaved rounds.

    Example:  zoo bench resnet18 mobilenet_v2 --threads 1 --metric latency,throughput --batch 16
    """
    options.check_format(form)
    with ProgressReporter() as listen:
        results = measure(
            names,
            device=device,
            metrics=values.words(metrics),
            batches=values.numbers(batches, "--batch", word=CURVE),
            threads=values.numbers(threads, "--threads", values.ALL),
            precisions=values.words(precisions),
            memory_formats=values.words(formats),
            engines=values.words(engines),
            forms=values.words(forms),
            allocators=values.words(allocators),
            input_size=values.size(size),
            weights=weights,
            aa_pair=aa,
            budget_s=values.seconds(budget, "--budget"),
            store_url=options.store_url(store),
            on_event=listen,
        )
    print(printed(results, form))
    end_with(results)

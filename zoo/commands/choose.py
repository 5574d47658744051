"""``zoo choose``: limits in, a backbone and its reasons out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from zoo.choice.choice import choose as choose_among
from zoo.choice.limits import Limits, limits_by_name
from zoo.choice.margins import Margins
from zoo.cli import completion, options, values
from zoo.cli.command import Command
from zoo.cli.limits import limit_flag, limit_options
from zoo.cli.reading import named_suite, read_results
from zoo.errors import ZooError
from zoo.shortlist.shortlist import choose_published
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from pathlib import Path


@click.command("choose", cls=Command)
@click.option(
    "--objective",
    default="accuracy",
    metavar="NAME",
    help="accuracy, a metric (latency), params, macs, or a mix: accuracy:1,latency:0.1.",
)
@limit_options
@options.licence_option
@click.option("--device", metavar="DEVICE", help="Choose by the latency on this device.")
@click.option("--threads", type=int, metavar="N", help="Choose by the latency at so many CPU threads.")
@click.option(
    "--input-size",
    metavar="SIZE",
    help="Choose by the costs at so many pixels, or 'native' (the default, where any is).",
)
@click.option("--batch", metavar="N", help="Choose by the throughput at this batch.")
@click.option(
    "--task", metavar="TASK", help="Choose by the accuracy on this task: a name, a folder, a digest; or published."
)
@click.option("--shots", metavar="N", help="Choose by the accuracy at so many images a class, or all.")
@click.option("--strategy", metavar="NAME", help="Only this regime (default: each model's best).")
@click.option(
    "--measure", default=ACCURACY.key, metavar="NAME", help="Judge by accuracy, or by balanced_accuracy over classes."
)
@click.option(
    "--margin", default="1", metavar="POINTS", help="Points of accuracy within which a tie goes to the lower latency."
)
@click.option(
    "--margin-latency", default="5%", metavar="PERCENT", help="The same by a cost: there the higher accuracy wins."
)
@click.option("--published", is_flag=True, help="From what others publish: ImageNet top-1, by speed or MACs.")
@click.option("--on", metavar="DEVICE", help="With --published: a machine that rates are published of, rtx-4090.")
@click.option("--suite", metavar="SUITE", shell_complete=completion.suites, help="Only records of this suite.")
@options.source_option
@options.machine_option
@options.store_option
@options.text_or_json_option("table (text) or json.")
def choose(
    objective: str,
    licence: tuple[str, ...],
    device: str | None,
    threads: int | None,
    input_size: str | None,
    batch: str | None,
    task: str | None,
    shots: str | None,
    strategy: str | None,
    measure: str,
    margin: str,
    margin_latency: str,
    published: bool,
    on: str | None,
    suite: str | None,
    source: Path | None,
    machine: str | None,
    store: str | None,
    form: str,
    **bounds: str | None,
) -> None:
    """Choose a backbone from what was measured.

    Exit 3 where nothing meets the limits.

    Example:  zoo choose --max-latency-ms 20 --min-accuracy 0.7
    """
    options.check_format(form, options.TEXT_OR_JSON)
    known = limits_by_name()
    if on is not None and not published:
        raise ZooError("--on names a machine of published rates; it goes with --published")
    given = {
        name: values.amount(text, limit_flag(known[name][1]), known[name][1].example) for name, text in bounds.items()
    }
    if published:
        _check_published()
        asked = {name: bound for name, bound in given.items() if bound is not None}
        found = choose_published(on, licence=options.licences(licence), **asked)
        print(json.dumps(found.to_dict(), indent=2, allow_nan=False) if form == "json" else found.to_text())
        raise click.exceptions.Exit(found.exit_code)
    limits = Limits(licence=options.licences(licence), **given)
    share = values.percent(margin_latency, "--margin-latency") / 100
    margins = Margins(values.not_negative(margin, "--margin"), share)
    count = None if shots is None else values.number(shots, "--shots")
    choice = choose_among(
        read_results(source, store, suite=None if suite is None else named_suite(suite), machine=machine),
        objective,
        limits,
        device=device,
        threads=threads,
        input_size=None if input_size is None else values.native_or_pixels(input_size, "--input-size"),
        batch=None if batch is None else values.whole(batch, "--batch"),
        task=task,
        shots=count,
        strategy=strategy,
        measure=measure,
        margins=margins,
        further=True,
    )
    print(json.dumps(choice.to_dict(), indent=2, allow_nan=False) if form == "json" else choice.to_text())
    raise click.exceptions.Exit(choice.exit_code)


STATED = ("min_accuracy", "min_robustness", "min_throughput", "max_params", "max_macs", "licence")
"""Limits that published figures can be held against."""


def _check_published() -> None:
    """Refuse options that published figures know nothing of."""
    context = click.get_current_context()
    for option in context.command.params:
        given = context.get_parameter_source(option.name or "") is not ParameterSource.DEFAULT
        if given and option.name not in (*STATED, "on", "published", "form"):
            *others, last = (known.opts[0] for known in context.command.params if known.name in STATED)
            raise ZooError(
                f"{option.opts[0]} is of measurements; with --published there are {', '.join(others)} and {last}"
            )

"""``zoo choose``: limits in, a backbone and its reasons out."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from zoo.api.search import USUAL_SEEDS, search
from zoo.choice.choice import choose as choose_among
from zoo.choice.limits import Limits, limits_by_name
from zoo.choice.margins import Margins
from zoo.cli import completion, options, values
from zoo.cli.command import Command
from zoo.cli.limits import limit_flag, limit_options
from zoo.cli.progress import ProgressReporter
from zoo.cli.reading import named_suite, read_results
from zoo.errors import ZooError
from zoo.searching.question import SEARCHED as SEARCHED_STRATEGIES
from zoo.searching.question import USUAL_BUDGET_S
from zoo.searching.search import NAME
from zoo.shortlist.shortlist import choose_published
from zoo.sources.naming import AUTO
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
@click.option(
    "--data",
    metavar="FOLDER",
    shell_complete=completion.folders,
    help="Search on these images: an image folder, a list, or an embedded task.",
)
@click.option("--budget", metavar="TIME", help="With --data: time for it all: 90s, 10m (default: 20m).")
@click.option(
    "--models",
    multiple=True,
    metavar="NAME,...",
    shell_complete=completion.models,
    help="With --data: search among these (default: all whose weights are at hand).",
)
@click.option("--seeds", type=int, metavar="N", help="With --data: tests of each that is left (default: 3).")
@click.option("--fetch", is_flag=True, help="With --data: bring published weights first.")
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
    data: str | None,
    budget: str | None,
    models: tuple[str, ...],
    seeds: int | None,
    fetch: bool,
    suite: str | None,
    source: Path | None,
    machine: str | None,
    store: str | None,
    form: str,
    **bounds: str | None,
) -> None:
    """Choose a backbone from what was measured, or search for it.

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
    share = values.percent(margin_latency, "--margin-latency") / 100
    points = values.not_negative(margin, "--margin")
    if data is None:
        _refuse(SEARCHED, "is of a search; name the images with --data")
    else:
        _refuse(OF_RECORDS, "is of records; a search with --data makes its own")
    if published:
        _check_published()
        asked = {name: bound for name, bound in given.items() if bound is not None}
        found = choose_published(on, licence=options.licences(licence), **asked)
        print(json.dumps(found.to_dict(), indent=2, allow_nan=False) if form == "json" else found.to_text())
        raise click.exceptions.Exit(found.exit_code)
    if data is not None:
        with ProgressReporter() as listen:
            finding = search(
                data,
                budget_s=values.seconds(budget, "--budget") or USUAL_BUDGET_S,
                models=values.words(models),
                strategies=SEARCHED_STRATEGIES if strategy is None else values.words([strategy]),
                limits=given,
                licence=options.licences(licence),
                shots=None if shots is None else values.numbers([shots], "--shots", values.ALL)[0],
                seeds=USUAL_SEEDS if seeds is None else seeds,
                input_size=values.size(input_size or AUTO),
                measure=measure,
                device=device or AUTO,
                fetch=fetch,
                margin=points,
                margin_latency=share,
                store_url=options.store_url(store),
                on_event=listen,
            )
        print(json.dumps(finding.to_dict(), indent=2, allow_nan=False) if form == "json" else finding.to_text())
        if finding.choice is not None:
            print(f"`zoo report {NAME}` writes a report of what was tested", file=sys.stderr)
        raise click.exceptions.Exit(finding.exit_code)
    limits = Limits(licence=options.licences(licence), **given)
    margins = Margins(points, share)
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


SEARCHED = ("budget", "models", "seeds", "fetch")
"""Options of a search alone."""

OF_RECORDS = ("objective", "threads", "batch", "task", "published", "on", "suite", "source", "machine")
"""Options that a search has no use for."""


def _given() -> dict[str, str]:
    """Options that were said, by name, as they are written."""
    context = click.get_current_context()
    found = {}
    for one in context.command.params:
        if one.name and context.get_parameter_source(one.name) is not ParameterSource.DEFAULT:
            found[one.name] = one.opts[0]
    return found


def _refuse(names: tuple[str, ...], why: str) -> None:
    """Refuse the first option of some that was said."""
    said = _given()
    for name in names:
        if name in said:
            raise ZooError(f"{said[name]} {why}")


def _check_published() -> None:
    """Refuse options that published figures know nothing of."""
    for name, option in _given().items():
        if name not in (*STATED, "on", "published", "form"):
            known = click.get_current_context().command.params
            *others, last = (one.opts[0] for one in known if one.name in STATED)
            raise ZooError(f"{option} is of measurements; with --published there are {', '.join(others)} and {last}")

"""``zoo transfer``: the accuracy of some models under each regime, now."""

from __future__ import annotations

import sys

import click

from zoo.advice.rule import cells
from zoo.api.transfer import transfer as transfer_now
from zoo.cli import completion, options, values
from zoo.cli.command import Command
from zoo.cli.progress import ProgressReporter
from zoo.cli.reading import end_with
from zoo.formats import FORMATS
from zoo.regimes.strategies import DEFAULT_STRATEGIES
from zoo.report.printed import printed
from zoo.report.sections.advised import advised_lines
from zoo.sources.naming import AUTO
from zoo.statistics.quantity import ACCURACY
from zoo.suites.suite import TransferPlan
from zoo.training.recipe import RATES, TUNED

REPORT = "reports/transfer"


@click.command("transfer", cls=Command)
@options.models_argument
@click.option(
    "--task",
    "tasks",
    multiple=True,
    default=["digits"],
    metavar="TASK,...",
    shell_complete=completion.folders,
    help="Embedded task, image folder, or list of images (.csv, .jsonl).",
)
@click.option(
    "--strategy",
    "strategies",
    multiple=True,
    metavar="NAME,...",
    help=f"Regimes and controls (default: {','.join(DEFAULT_STRATEGIES)}).",
)
@click.option(
    "--shots",
    multiple=True,
    metavar="N,...",
    help="Training images a class, or all (default: 10; of a folder all).",
)
@click.option("--seeds", type=int, metavar="N", help=f"Draws of the training set (default: {TransferPlan.seeds}).")
@click.option(
    "--weights",
    default=AUTO,
    metavar="TAG|FILE",
    shell_complete=completion.files,
    help="auto (published, else the zoo's own), a tag, or a checkpoint of your own.",
)
@click.option("--input-size", "size", default=AUTO, metavar="SIZE", help="auto, smallest, native or pixels.")
@click.option("--fit", default=AUTO, metavar="FIT", help="How a folder's images become squares: crop, squash or pad.")
@click.option("--augment", default=AUTO, metavar="NAME", help="Training images: none, shift, standard or trivial.")
@click.option("--tuning", default=RATES, metavar="NAME", help="Learning rates: rates (found) or none (as they are).")
@click.option(
    "--measure", default=ACCURACY.key, metavar="NAME", help="What rates are chosen by: accuracy or balanced_accuracy."
)
@click.option(
    "--precision",
    default=AUTO,
    metavar="NAME",
    help="What networks compute in: fp32, bf16, or auto (of your own images the faster, else fp32).",
)
@click.option("--steps", type=int, metavar="N", help=f"Training steps for a hundred images (default: {TUNED.steps}).")
@click.option(
    "--budget",
    default=AUTO,
    metavar="TIME",
    help="Time for it all: 90s, 10m, or none; what was not asked for is chosen to fit. auto: 10m of your own images.",
)
@click.option("--probe", default="ridge", metavar="NAME", help="ridge or logistic.")
@click.option("--download", is_flag=True, help="Bring torchvision's data sets that are named and not there.")
@options.device_option
@options.corrupt_option
@click.option("--again", is_flag=True, help="Measure anew what succeeded before; older records stay.")
@click.option(
    "--report", default=REPORT, metavar="FOLDER", shell_complete=completion.folders, help="Folder of the report."
)
@options.store_option
@options.format_option
def transfer(
    names: tuple[str, ...],
    tasks: tuple[str, ...],
    strategies: tuple[str, ...],
    shots: tuple[str, ...],
    seeds: int | None,
    weights: str,
    size: str,
    fit: str,
    augment: str,
    tuning: str,
    measure: str,
    precision: str,
    steps: int | None,
    budget: str,
    probe: str,
    download: bool,
    device: str,
    corrupt: str,
    again: bool,
    report: str,
    store: str | None,
    form: str,
) -> None:
    """Train and test some models under each regime, with both controls.

    What has a record already is not measured again.

    Example:  zoo transfer resnet18 --task letters-nz --shots 5,10,50
    """
    options.check_format(form)
    with ProgressReporter() as listen:
        results = transfer_now(
            names,
            tasks=values.tasks(tasks),
            strategies=values.words(strategies) if strategies else None,
            shots=values.numbers(shots, "--shots", values.ALL) if shots else None,
            seeds=seeds,
            weights=weights,
            input_size=values.size(size),
            fit=fit,
            augment=augment,
            tuning=tuning,
            measure=measure,
            probe=probe,
            precision=precision,
            recipe=None if steps is None else {"steps": steps},
            budget_s=values.budget(budget, "--budget"),
            device=device,
            corrupt=corrupt,
            download=download,
            again=again,
            store_url=options.store_url(store),
            on_event=listen,
        )
    print(printed(results, form))
    if FORMATS.get(form).rows is None:
        for line in advised_lines(cells(results), results):
            print(f"\n{line}")
    if len(results):
        files = results.write_report(report, title="Transfer")
        print(f"report: {files[0]}; to explore: {files[-1]}", file=sys.stderr)
    end_with(results)

"""``zoo transfer``: the accuracy of some models under each regime, now."""

from __future__ import annotations

import click

from zoo.api.transfer import transfer as transfer_now
from zoo.cli import completion, options, values
from zoo.cli.command import Command
from zoo.cli.progress import ProgressReporter
from zoo.cli.reading import end_with
from zoo.regimes.strategies import DEFAULT_STRATEGIES
from zoo.report.printed import printed
from zoo.sources.naming import AUTO
from zoo.statistics.quantity import ACCURACY
from zoo.training.recipe import RATES


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
    default=[",".join(DEFAULT_STRATEGIES)],
    metavar="NAME,...",
    help="Regimes and controls.",
)
@click.option(
    "--shots",
    multiple=True,
    metavar="N,...",
    help="Training images a class, or all (default: 10; of a folder all).",
)
@click.option("--seeds", type=int, default=3, metavar="N", help="Draws of the training set.")
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
@click.option("--probe", default="ridge", metavar="NAME", help="ridge or logistic.")
@click.option("--download", is_flag=True, help="Bring torchvision's data sets that are named and not there.")
@options.device_option
@options.corrupt_option
@options.store_option
@options.format_option
def transfer(
    names: tuple[str, ...],
    tasks: tuple[str, ...],
    strategies: tuple[str, ...],
    shots: tuple[str, ...],
    seeds: int,
    weights: str,
    size: str,
    fit: str,
    augment: str,
    tuning: str,
    measure: str,
    probe: str,
    download: bool,
    device: str,
    corrupt: str,
    store: str | None,
    form: str,
) -> None:
    """Train and test some models under each regime, with both controls.

    Example:  zoo transfer resnet18 --task letters-nz --shots 5,10,50
    """
    options.check_format(form)
    with ProgressReporter() as listen:
        results = transfer_now(
            names,
            tasks=values.tasks(tasks),
            strategies=values.words(strategies),
            shots=values.numbers(shots, "--shots") if shots else None,
            seeds=seeds,
            weights=weights,
            input_size=values.size(size),
            fit=fit,
            augment=augment,
            tuning=tuning,
            measure=measure,
            probe=probe,
            device=device,
            corrupt=corrupt,
            download=download,
            store_url=options.store_url(store),
            on_event=listen,
        )
    print(printed(results, form))
    end_with(results)

"""``zoo transfer``: the accuracy of some models under each regime, now."""

from __future__ import annotations

import typer

from zoo.api.transfer import transfer as transfer_now
from zoo.cli import completion, options
from zoo.cli.progress import ProgressReporter
from zoo.regimes.strategies import DEFAULT_STRATEGIES
from zoo.registry.naming import AUTO
from zoo.report.printed import printed


def transfer(
    names: list[str] = typer.Argument(..., metavar="NAME...", autocompletion=completion.complete_models()),
    tasks: list[str] = typer.Option(["digits"], "--task", help="An embedded task, or an image folder."),
    strategies: list[str] = typer.Option([",".join(DEFAULT_STRATEGIES)], "--strategy", help="Regimes and controls."),
    shots: list[str] = typer.Option(["10"], "--shots", help="Training images a class, or all."),
    seeds: int = typer.Option(3, "--seeds", help="Draws of the training set."),
    weights: str = typer.Option(AUTO, "--weights", help="auto (published, else the zoo's own), or a tag."),
    size: str = typer.Option("smallest", "--input-size", help="smallest, native or pixels."),
    probe: str = typer.Option("ridge", "--probe", help="ridge or logistic."),
    device: str = typer.Option("auto", "--device", help="auto, cpu, cuda, cuda:N."),
    corrupt: str = typer.Option("refuse", "--corrupt", help="Images that cannot be read: refuse or skip."),
    store: str | None = options.store_option(),
    form: str = options.format_option(),
) -> None:
    """Train and test some models under each regime, with both controls.

    Example:  zoo transfer resnet18 --task letters-nz --shots 5,10,50
    """
    options.check_format(form)
    with ProgressReporter() as listen:
        results = transfer_now(
            names,
            tasks=options.tasks(tasks),
            strategies=options.words(strategies),
            shots=options.numbers(shots, "--shots"),
            seeds=seeds,
            weights=weights,
            input_size=options.size(size),
            probe=probe,
            device=device,
            corrupt=corrupt,
            store_url=options.store_url(store),
            on_event=listen,
        )
    print(printed(results, form))

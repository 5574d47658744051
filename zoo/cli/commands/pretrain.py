"""``zoo pretrain``: train a backbone on an embedded task, and register the weights as a tag."""

from __future__ import annotations

import sys

import typer

from zoo.cli import completion, options
from zoo.cli.progress import ProgressReporter
from zoo.errors import ZooError
from zoo.machine.allocator import keep_freed_memory
from zoo.machine.devices import resolve_devices
from zoo.regimes.pretrain import pretrain as train
from zoo.regimes.pretrain import recipe_for
from zoo.registry.catalogue import get
from zoo.runs.events import StepProgress


def pretrain(
    name: str = typer.Argument(..., help="A model's name.", autocompletion=completion.complete_models()),
    task: str = typer.Option("letters-am", "--task", help="An embedded task, or an image folder."),
    seed: int = typer.Option(0, "--seed", min=0, max=2**63 - 1),
    size: str = typer.Option("smallest", "--input-size", help="smallest or pixels."),
    steps: int | None = typer.Option(None, "--steps", help="Optimiser steps (default: the recipe's)."),
    device: str = typer.Option("cpu", "--device", help="cpu, cuda, cuda:N."),
) -> None:
    """Train a backbone from random on a task, as the weights NAME.TASK.

    Example:  zoo pretrain resnet18 --task letters-am
    """
    from dataclasses import replace

    keep_freed_memory()
    spec = get(name)
    side = None if size == "smallest" else options.size(size)
    if isinstance(side, str) or (side is not None and side < 1):
        raise ZooError(f"--input-size is smallest or a number of pixels above 0, not {size!r}")
    recipe = recipe_for(spec.family) if steps is None else replace(recipe_for(spec.family), steps=steps)
    label = f"training {spec.source}/{spec.architecture} on {task}"
    on = resolve_devices([device])[-1]
    with ProgressReporter() as listen:
        file, outcome = train(
            name,
            task,
            seed=seed,
            input_size=side,
            recipe=recipe,
            device=on,
            on_progress=lambda step, total: listen(StepProgress(label, step, total)),
        )
    if file is None:
        raise ZooError(f"{label} failed: {outcome.reason}")
    accuracy = outcome.metrics["accuracy"]
    print(
        f"{spec.source}/{spec.architecture}.{file.tag}: {accuracy.value:.1%} on the {accuracy.n} test images of "
        f"{task}, {outcome.notes['steps']} steps, {outcome.duration_s:.0f} s"
    )
    print(f"weights: {file.path}", file=sys.stderr)

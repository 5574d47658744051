"""``zoo pretrain``: a backbone trained from random, and its weights a tag."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from zoo.cli import completion, options, values
from zoo.cli.command import Command
from zoo.cli.progress import ProgressReporter
from zoo.errors import ZooError
from zoo.executors.events import Message, StepProgress
from zoo.executors.pace import paced
from zoo.machine.allocator import keep_freed_memory
from zoo.machine.devices import resolve_device
from zoo.regimes.pretrain import pretrain as train
from zoo.regimes.pretrain import recipe_for
from zoo.registry.catalogue import get
from zoo.tasks.catalogue import outline, task_name


@click.command("pretrain", cls=Command)
@options.model_argument
@click.option(
    "--task",
    default="letters-am",
    metavar="TASK",
    shell_complete=completion.folders,
    help="Embedded task, image folder, or list of images (.csv, .jsonl).",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    metavar="N",
    help="Seed of the random start and of what the training draws.",
)
@click.option("--input-size", "size", default="smallest", metavar="SIZE", help="smallest or pixels.")
@click.option("--steps", type=int, metavar="N", help="Optimiser steps (default: the recipe's).")
@click.option("--device", default="cpu", metavar="DEVICE", help="cpu, cuda, cuda:N.")
def pretrain(name: str, task: str, seed: int, size: str, steps: int | None, device: str) -> None:
    """Train a backbone from random on a task, as the weights NAME.TASK.

    Example:  zoo pretrain resnet18 --task letters-am
    """
    keep_freed_memory()
    spec = get(name)
    side = None if size == "smallest" else values.size(size)
    if isinstance(side, str) or (side is not None and side < 1):
        raise ZooError(f"--input-size is smallest or a number of pixels above 0, not {size!r}")
    recipe = recipe_for(spec.family) if steps is None else replace(recipe_for(spec.family), steps=steps)
    label = f"training {spec.model} on {task}"
    on = resolve_device(device)
    with ProgressReporter() as listen:
        images = outline(task, on_read=paced(listen, f"reading {task_name(task)}"))
        for line in images.health():
            listen(Message(f"{images.name}: {line}"))
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
        f"{spec.model}.{file.tag}: {accuracy.value:.1%} on the {accuracy.n} test images of "
        f"{images.name} (the most frequent class alone: {images.majority:.1%}), {outcome.notes['steps']} steps, "
        f"{outcome.duration_s:.0f} s"
    )
    print(f"weights: {file.path}", file=sys.stderr)

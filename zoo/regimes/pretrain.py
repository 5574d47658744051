"""Backbones trained from random on a task, their weights kept as a tag."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.loading.create import create_random
from zoo.machine.cuda import on_device
from zoo.models.input_size import check_input_size, default_input_size
from zoo.outcome import Outcome, Status, outcome_of
from zoo.registry.catalogue import get
from zoo.registry.own_tags import card, own_path
from zoo.statistics.intervals import wilson_interval
from zoo.statistics.measurement import Measurement
from zoo.tasks.catalogue import get_task
from zoo.training.images import Transform
from zoo.training.openings import all_alike
from zoo.training.recipe import Recipe
from zoo.training.trainer import Trainer, probabilities, seeded
from zoo.weights.save import save_zoo_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.canonical import JsonObject
    from zoo.weights.file import WeightsFile


PRETRAINING = Recipe(steps=240, batch=64, scratch_rate=1e-3)
"""Some five passes over the letters. ``steps`` is the whole number here, whatever the size of the task."""

BY_FAMILY = {
    "alexnet": replace(PRETRAINING, steps=320, scratch_rate=3e-4),
    "deit": replace(PRETRAINING, steps=960),
    "mobilenetv2": replace(PRETRAINING, steps=480),
    "squeezenet": replace(PRETRAINING, steps=480, scratch_rate=5e-4),
    "vgg": replace(PRETRAINING, steps=320, scratch_rate=3e-4),
    "vision_transformer": replace(PRETRAINING, steps=960),
}
"""Where the common recipe does not fit; see docs/measuring.md#pretraining."""


def recipe_for(family: str) -> Recipe:
    """The pretraining recipe of a family of architectures."""
    return BY_FAMILY.get(family, PRETRAINING)


def pretrain(
    model: str,
    task: str = "letters-am",
    *,
    seed: int = 0,
    input_size: int | None = None,
    recipe: Recipe | None = None,
    device: str = "cpu",
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[WeightsFile | None, Outcome]:
    """Train a model on a whole task and keep the weights as ``model.task``.

    Parameters
    ----------
    model : str
        As :func:`zoo.get` takes it; a tag in it is ignored, since the start is random.
    task : str
        An embedded task, or an image folder, whose own name becomes the tag.
    input_size : int, optional
        Side in pixels; the smallest that suits the architecture otherwise.
    recipe : Recipe, optional
        Its ``steps`` are taken as they stand; :func:`recipe_for` the family otherwise.

    Returns
    -------
    WeightsFile or None
        None where the training failed.
    Outcome
        Metrics ``accuracy`` on the test split of ``task``, ``trained_params``, ``seconds``.

    Raises
    ------
    ZooError
        For an unknown model or task, or a size under what the architecture takes.
    """
    import torch

    spec = get(model)
    name = spec.model
    data = get_task(task)
    recipe = recipe or recipe_for(spec.family)
    size = input_size or default_input_size(name)
    check_input_size(name, size)
    transform = Transform(size)
    started, clock = time.time(), time.perf_counter()
    try:
        with on_device(device):
            with seeded(seed):
                network, not_random = create_random(name, len(data.classes), size)
            network.to(device)
            trainer = Trainer(
                all_alike(network, recipe),
                transform.prepare(data.train_images),
                torch.from_numpy(data.train_labels),
                transform=transform,
                recipe=recipe,
                steps=recipe.steps,
                rate=recipe.scratch_rate,
                seed=seed,
            )
            steps = count(1)
            done = trainer.go(on_step=lambda: on_progress(next(steps), recipe.steps) if on_progress else None)
            predictions = probabilities(network, transform.prepare(data.test_images), transform).argmax(dim=1)
    except ZooError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the model is anybody's code; its error is its row
        return None, outcome_of(error, started, time.perf_counter() - clock)
    correct = (predictions.numpy() == data.test_labels).astype(int)
    hits, images = int(correct.sum()), len(correct)
    low, high = wilson_interval(hits, images)
    info: JsonObject = {
        "task": data.name,
        "task_digest": data.digest,
        "classes": list(data.classes),
        "input_size": size,
        "mean": list(transform.mean),
        "std": list(transform.std),
        "accuracy": hits / images,
        "test_images": images,
        "steps": done.steps,
        "seed": seed,
        "recipe": recipe.to_dict(),
        "licence": None,
    }
    file = save_zoo_weights(name, tag_of(data.name), network.state_dict(), info)
    seconds = time.perf_counter() - clock
    outcome = Outcome(
        Status.OK,
        metrics={
            "accuracy": Measurement(hits / images, "fraction", low, high, images),
            "trained_params": Measurement(sum(p.numel() for p in network.parameters()), "count"),
            "seconds": Measurement(seconds, "s"),
        },
        samples={"correct": correct.tolist()},
        flags=(not_random,) if not_random else (),
        started=started,
        duration_s=seconds,
        notes={"sha256": file.sha256, "tag": file.tag, "steps": done.steps, "last_loss": done.last_loss},
    )
    return file, outcome


def recalled(model: str, task: str) -> Outcome | None:
    """The outcome of an earlier pretraining, as its card states it.

    None where there is no card. For weights that `zoo pretrain` made, or a run that was killed before it could keep
    their record. Weights of another recipe than the family's are flagged.
    """
    stated = card(own_path(model, tag_of(task)))
    if stated is None or not {"accuracy", "test_images", "steps"} <= set(stated):
        return None
    images = int(stated["test_images"])
    low, high = wilson_interval(round(stated["accuracy"] * images), images)
    usual = recipe_for(get(model).family).to_dict()
    made = dict(stated.get("recipe") or {}) | {"steps": stated["steps"]}
    other = ", ".join(f"{key} {made[key]} for {usual[key]}" for key in made if made[key] != usual.get(key, made[key]))
    return Outcome(
        Status.OK,
        metrics={"accuracy": Measurement(stated["accuracy"], "fraction", low, high, images)},
        flags=(f"made by another recipe: {other}",) if other else (),
        started=datetime.fromisoformat(stated["created"]).timestamp(),
        notes={"sha256": stated["sha256"], "tag": tag_of(task), "steps": stated["steps"], "recalled": True},
    )


def made_with(model: str, task: str) -> tuple[int, int] | None:
    """Seed and input size of the weights at hand, or None without a card."""
    stated = card(own_path(model, tag_of(task))) or {}
    if not {"seed", "input_size"} <= set(stated):
        return None
    return int(stated["seed"]), int(stated["input_size"])


def tag_of(task: str) -> str:
    """The tag of weights trained on a task, by the name of the task."""
    name = task.rstrip("/").rpartition("/")[2]
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in name).strip("-") or "folder"

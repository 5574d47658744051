"""How long a training step of a model takes on this machine."""

from __future__ import annotations

import time

from zoo.loading.create import create_random
from zoo.machine.cuda import on_device
from zoo.statistics.intervals import median
from zoo.training.images import Transform
from zoo.training.openings import all_alike
from zoo.training.precision import FP32
from zoo.training.recipe import Recipe
from zoo.training.trainer import Trainer, seeded

TIMED_STEPS = 3
"""The first of them warms up."""

LONG_S = 20.0
"""After a step that took so long no other is waited for."""


def seconds_a_step(model: str, side: int, batch: int, device: str, precision: str = FP32) -> float:
    """Wall-clock seconds of an optimiser step on all parameters.

    Of a network from random, on drawn noise that is cropped and flipped.

    Parameters
    ----------
    model : str
        ``source/architecture``.
    side : int
        Of the images, in pixels.
    batch : int
        Images a step.
    device, precision : str
    """
    import numpy as np
    import torch

    recipe = Recipe(batch=batch, augment="standard")
    pixels = np.random.default_rng(0).integers(0, 256, (batch, side, side, 3), dtype=np.uint8)
    transform = Transform(side)
    with on_device(device):
        with seeded(0):
            network, _ = create_random(model, 2, side)
        network.to(device)
        trainer = Trainer(
            all_alike(network, recipe),
            transform.prepare(pixels),
            torch.arange(batch) % 2,
            transform=transform,
            recipe=recipe,
            steps=TIMED_STEPS,
            rate=1e-5,
            seed=0,
            precision=precision,
        )
        taken: list[float] = []
        while len(taken) < TIMED_STEPS and (not taken or taken[-1] < LONG_S):
            started = time.perf_counter()
            trainer.go(len(taken) + 1)
            taken.append(time.perf_counter() - started)
    return median(taken[1:] or taken)

"""Sine gratings in noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoo.tasks.embedded.drawing import SIDE, drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoo.tasks.task import Task


def gratings() -> Task:
    """Sine gratings of four orientations and three spatial frequencies, at any phase and contrast, in noise."""
    orientations, frequencies = (0, 45, 90, 135), (2, 4, 7)
    classes = tuple(f"{o} degrees, {f} cycles" for o in orientations for f in frequencies)
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE

    def draw(label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        angle = np.deg2rad(orientations[label // 3] + rng.uniform(-12, 12))
        frequency = frequencies[label % 3] * rng.uniform(0.85, 1.15)
        phase = rng.uniform(0, 2 * np.pi)
        wave = np.sin(2 * np.pi * frequency * (x * np.cos(angle) + y * np.sin(angle)) + phase)
        colour = rng.uniform(70, 185, 3)[None, None]
        image = colour + wave[..., None] * rng.uniform(15, 60, 3) + rng.normal(0, 25, (SIDE, SIDE, 3))
        pixels: NDArray[np.uint8] = np.clip(np.round(image), 0, 255).astype(np.uint8)
        return pixels

    source = "sine gratings in noise: four orientations by three spatial frequencies"
    return drawn("gratings", classes, draw, 40, source)

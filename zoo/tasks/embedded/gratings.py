"""Sine gratings in noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.tasks.embedded.definition import EmbeddedTask
from zoo.tasks.embedded.drawing import SIDE, drawn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zoo.tasks.task import Task


def gratings() -> Task:
    """Gratings of four orientations by three frequencies, in noise.

    Each at any phase and contrast, turned a little and of a slightly other frequency.
    """
    import numpy as np

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


GRATINGS = EmbeddedTask("gratings", gratings, ("numpy",))

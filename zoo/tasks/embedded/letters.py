"""Capital letters, drawn."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from zoo.tasks.embedded.definition import EmbeddedTask
from zoo.tasks.embedded.drawing import compose, drawn, lay

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zoo.tasks.task import Task


def letters(name: str, alphabet: str, seed: int) -> Task:
    """Capital letters in Pillow's own font, made hard.

    Turned, sheared, scaled, moved, coloured and cluttered; the seed is part of the task.
    """
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(40)

    def draw(label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        mask = Image.new("L", (64, 64))
        weight = int(rng.integers(0, 3))
        ImageDraw.Draw(mask).text((32, 32), alphabet[label], fill=255, font=font, anchor="mm", stroke_width=weight)
        return compose(lay(mask, rng, turn=30, scale=(0.9, 1.5), shear=0.3), rng, strokes=4)

    source = f"capital letters {alphabet[0]} to {alphabet[-1]}, drawn in the font that Pillow ships"
    return drawn(name, tuple(alphabet), draw, seed, source)


LETTERS_AM = EmbeddedTask("letters-am", partial(letters, "letters-am", "ABCDEFGHIJKLM", 30), ("numpy", "pillow"))
LETTERS_NZ = EmbeddedTask("letters-nz", partial(letters, "letters-nz", "NOPQRSTUVWXYZ", 31), ("numpy", "pillow"))

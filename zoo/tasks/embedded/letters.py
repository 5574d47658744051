"""Capital letters, drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from zoo.tasks.embedded.drawing import compose, drawn, lay

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zoo.tasks.task import Task


def letters(name: str, alphabet: str, seed: int) -> Task:
    """Capital letters in Pillow's own font, turned, sheared, scaled, moved, coloured and cluttered."""
    font = ImageFont.load_default(40)

    def draw(label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        mask = Image.new("L", (64, 64))
        weight = int(rng.integers(0, 3))
        ImageDraw.Draw(mask).text((32, 32), alphabet[label], fill=255, font=font, anchor="mm", stroke_width=weight)
        return compose(lay(mask, rng, turn=30, scale=(0.9, 1.5), shear=0.3), rng, strokes=4)

    source = f"capital letters {alphabet[0]} to {alphabet[-1]}, drawn in the font that Pillow ships"
    return drawn(name, tuple(alphabet), draw, seed, source)

"""What drawn tasks share: a coloured ground, clutter, a shape on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.tasks.task import make_task

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from zoo.tasks.task import Task

    Pair = tuple[NDArray[Any], NDArray[Any]]


SIDE = 32
"""Side of every embedded image, in pixels."""

SMALLEST_CONTRAST = 90
"""Least difference of brightness between shape and ground, of 255: fainter ones a human would miss."""


def ground(rng: np.random.Generator) -> NDArray[np.float64]:
    """A smooth coloured ground with noise, (SIDE, SIDE, 3), in 0..255."""
    import numpy as np

    corners = rng.uniform(30, 100) + rng.uniform(-25, 25, (2, 2, 3))
    t = np.linspace(0, 1, SIDE)
    rows = corners[0][None] * (1 - t)[:, None, None] + corners[1][None] * t[:, None, None]
    smooth = rows[:, :1] * (1 - t)[None, :, None] + rows[:, 1:] * t[None, :, None]
    noisy: NDArray[np.float64] = np.clip(smooth + rng.normal(0, 8, smooth.shape), 0, 255)
    return noisy


def clutter(rng: np.random.Generator, strokes: int) -> NDArray[np.float64]:
    """A mask of thin strokes across the image, (SIDE, SIDE), values in 0..1."""
    import numpy as np
    from PIL import Image, ImageDraw

    canvas = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(canvas)
    for _ in range(strokes):
        x, y, angle = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(0, 2 * np.pi)
        length = rng.uniform(6, 16)
        end = (x + length * np.cos(angle), y + length * np.sin(angle))
        pen.line([(x, y), end], fill=int(rng.uniform(110, 230)), width=1)
    return np.asarray(canvas, dtype=np.float64) / 255


def lay(
    mask: Image.Image,
    rng: np.random.Generator,
    *,
    turn: float,
    scale: tuple[float, float],
    shear: float = 0.0,
) -> NDArray[np.float64]:
    """The shape of a square mask, turned, scaled, sheared and moved.

    Returns
    -------
    ndarray
        (SIDE, SIDE), values in 0..1.
    """
    import numpy as np
    from PIL import Image

    angle = np.deg2rad(rng.uniform(-turn, turn))
    size = rng.uniform(*scale) * SIDE / mask.width
    cos, sin = np.cos(angle) * size, np.sin(angle) * size
    forward = np.array([[cos, -sin + rng.uniform(-shear, shear) * size], [sin, cos]])
    slack = max(0.0, SIDE * (1 - size * mask.width / SIDE)) / 2 + 2
    centre = SIDE / 2 + rng.uniform(-slack, slack, 2)
    inverse = np.linalg.inv(forward)
    offset = np.array([mask.width / 2, mask.height / 2]) - inverse @ centre
    data = (*inverse[0], offset[0], *inverse[1], offset[1])
    laid = mask.transform((SIDE, SIDE), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
    return np.asarray(laid, dtype=np.float64) / 255


def compose(shape: NDArray[np.float64], rng: np.random.Generator, strokes: int) -> NDArray[np.uint8]:
    """Clutter and over it the shape, in colours brighter than the ground.

    Always brighter, since else few images teach nothing; see docs/measuring.md#drawn-images.

    Returns
    -------
    ndarray of uint8
        (SIDE, SIDE, 3).
    """
    import numpy as np

    image = ground(rng)
    brightness = image.mean()
    for mask in (clutter(rng, strokes), shape):
        colour = np.clip(brightness + SMALLEST_CONTRAST + rng.uniform(0, 70, 3), 0, 255)
        image = image * (1 - mask[..., None]) + colour * mask[..., None]
    pixels: NDArray[np.uint8] = np.clip(np.round(image), 0, 255).astype(np.uint8)
    return pixels


TRAIN_A_CLASS, TEST_A_CLASS = 240, 50
"""Images of each class."""


def drawn(
    name: str,
    classes: tuple[str, ...],
    draw: Callable[[int, np.random.Generator], NDArray[np.uint8]],
    seed: int,
    source: str,
) -> Task:
    """A task of images drawn one by one, each part from a seed of its own."""
    import numpy as np

    def split(each: int, part: int) -> Pair:
        rng = np.random.default_rng([seed, part])
        labels = np.repeat(np.arange(len(classes), dtype=np.int64), each)
        return np.stack([draw(int(label), rng) for label in labels]), labels

    return make_task(name, classes, split(TRAIN_A_CLASS, 0), split(TEST_A_CLASS, 1), source)

"""The embedded tasks: drawn or cut here from what the dependencies ship, without any download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from zoo.tasks.drawing import SIDE, compose, lay
from zoo.tasks.task import make_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zoo.tasks.task import Task

    Pair = tuple[NDArray[Any], NDArray[Any]]

TEST_A_CLASS = 50
TRAIN_A_CLASS = 240

BAND = 53
"""Height of the bands of a photograph, in pixels; a patch lies within one."""


def digits() -> Task:
    """Handwritten digits, made hard: turned, scaled, moved, coloured and cluttered.

    The 1,797 originals are the test part of the UCI optical recognition set, as scikit-learn ships it;
    fifty of each digit are kept for the test split, and no original is in both.
    """
    from sklearn.datasets import load_digits

    originals, labels = load_digits(return_X_y=True)
    rng = np.random.default_rng(20)
    test = np.concatenate([rng.permutation(np.flatnonzero(labels == d))[:TEST_A_CLASS] for d in range(10)])
    train = np.setdiff1d(np.arange(len(labels)), test)

    def draw(indices: NDArray[Any], seed: int) -> Pair:
        rng = np.random.default_rng(seed)
        images = []
        for original in originals[indices].reshape(-1, 8, 8):
            grey = Image.fromarray((original * 255 / 16).astype(np.uint8))
            # A margin, so that turning cuts nothing off.
            mask = Image.new("L", (48, 48))
            mask.paste(grey.resize((32, 32), Image.Resampling.BICUBIC), (8, 8))
            images.append(compose(lay(mask, rng, turn=35, scale=(1.0, 1.5)), rng, strokes=4))
        return np.stack(images), labels[indices].astype(np.int64)

    source = "scikit-learn's 1,797 handwritten digits, turned, scaled, moved, coloured and cluttered"
    return make_task("digits", tuple("0123456789"), draw(train, 21), draw(test, 22), source)


def letters(name: str, alphabet: str, seed: int) -> Task:
    """Capital letters in Pillow's own font, turned, sheared, scaled, moved, coloured and cluttered."""
    font = ImageFont.load_default(40)

    def draw(label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        mask = Image.new("L", (64, 64))
        weight = int(rng.integers(0, 3))
        ImageDraw.Draw(mask).text((32, 32), alphabet[label], fill=255, font=font, anchor="mm", stroke_width=weight)
        return compose(lay(mask, rng, turn=30, scale=(0.9, 1.5), shear=0.3), rng, strokes=4)

    source = f"capital letters {alphabet[0]} to {alphabet[-1]}, drawn in the font that Pillow ships"
    return _drawn(name, tuple(alphabet), draw, seed, source)


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
    return _drawn("gratings", classes, draw, 40, source)


def photographs() -> Task:
    """Patches of scikit-learn's two sample photographs; the class is the photograph and the fifth of its width.

    Each fifth is cut into bands; patches for training come from every other band and those for the test
    from the bands between, so that no pixel is in both.
    """
    from sklearn.datasets import load_sample_images

    pictures = load_sample_images().images

    def cut(first: int, each: int, seed: int) -> Pair:
        rng = np.random.default_rng(seed)
        images, labels = [], []
        for label in range(10):
            picture = pictures[label // 5]
            width = picture.shape[1] // 5
            tops = range(first * BAND, picture.shape[0] - BAND + 1, 2 * BAND)
            for _ in range(each):
                side = int(rng.integers(32, BAND))
                top = int(rng.choice(tops)) + int(rng.integers(0, BAND - side + 1))
                left = (label % 5) * width + int(rng.integers(0, width - side + 1))
                patch = picture[top : top + side, left : left + side]
                patch = patch[:, ::-1] if rng.random() < 0.5 else patch
                scaled = Image.fromarray(patch).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
                light = np.asarray(scaled, dtype=np.float64) * rng.uniform(0.7, 1.2)
                images.append(np.clip(np.round(light), 0, 255).astype(np.uint8))
                labels.append(label)
        return np.stack(images), np.asarray(labels, dtype=np.int64)

    classes = tuple(f"{name}, fifth {part}" for name in ("temple", "flower") for part in range(1, 6))
    source = "patches of the two photographs that scikit-learn ships, from disjoint bands"
    return make_task("photographs", classes, cut(0, TRAIN_A_CLASS, 50), cut(1, TEST_A_CLASS, 51), source)


def _drawn(
    name: str,
    classes: tuple[str, ...],
    draw: Callable[[int, np.random.Generator], NDArray[np.uint8]],
    seed: int,
    source: str,
) -> Task:
    def split(each: int, part: int) -> Pair:
        rng = np.random.default_rng([seed, part])
        labels = np.repeat(np.arange(len(classes), dtype=np.int64), each)
        return np.stack([draw(int(label), rng) for label in labels]), labels

    return make_task(name, classes, split(TRAIN_A_CLASS, 0), split(TEST_A_CLASS, 1), source)


EMBEDDED: dict[str, Callable[[], Task]] = {
    "digits": digits,
    "letters-am": lambda: letters("letters-am", "ABCDEFGHIJKLM", 30),
    "letters-nz": lambda: letters("letters-nz", "NOPQRSTUVWXYZ", 31),
    "gratings": gratings,
    "photographs": photographs,
}
"""How each embedded task is made; the seeds are part of the task."""

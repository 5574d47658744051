"""Patches of two photographs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.tasks.embedded.definition import EmbeddedTask
from zoo.tasks.embedded.drawing import SIDE, TEST_A_CLASS, TRAIN_A_CLASS
from zoo.tasks.task import make_task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoo.tasks.embedded.drawing import Pair
    from zoo.tasks.task import Task


BAND = 53
"""Height of the bands of a photograph, in pixels; a patch lies within one."""

CONTRAST = 3.0
"""Least standard deviation of a patch's grey values, of 255: patches of the white sky are alike in every fifth."""


def photographs() -> Task:
    """Patches of scikit-learn's two sample photographs.

    The class is the photograph and the fifth of its width. Each fifth is cut into bands; patches for training come
    from every other band and those for the test from the bands between, so that no pixel is in both.
    """
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_sample_images

    pictures = load_sample_images().images

    def cut(first: int, each: int, seed: int) -> Pair:
        rng = np.random.default_rng(seed)
        images: list[NDArray[np.uint8]] = []
        labels: list[int] = []
        for label in range(10):
            picture = pictures[label // 5]
            width = picture.shape[1] // 5
            tops = range(first * BAND, picture.shape[0] - BAND + 1, 2 * BAND)
            while len(images) < (label + 1) * each:
                side = int(rng.integers(32, BAND))
                top = int(rng.choice(tops)) + int(rng.integers(0, BAND - side + 1))
                left = (label % 5) * width + int(rng.integers(0, width - side + 1))
                patch = picture[top : top + side, left : left + side]
                if patch.mean(axis=2).std() < CONTRAST:
                    continue
                patch = patch[:, ::-1] if rng.random() < 0.5 else patch
                scaled = Image.fromarray(patch).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
                light = np.asarray(scaled, dtype=np.float64) * rng.uniform(0.7, 1.2)
                images.append(np.clip(np.round(light), 0, 255).astype(np.uint8))
                labels.append(label)
        return np.stack(images), np.asarray(labels, dtype=np.int64)

    classes = tuple(f"{name}, fifth {part}" for name in ("temple", "flower") for part in range(1, 6))
    source = "patches of the two photographs that scikit-learn ships, from disjoint bands"
    return make_task("photographs", classes, cut(0, TRAIN_A_CLASS, 50), cut(1, TEST_A_CLASS, 51), source)


PHOTOGRAPHS = EmbeddedTask("photographs", photographs, ("numpy", "pillow", "scikit-learn"))

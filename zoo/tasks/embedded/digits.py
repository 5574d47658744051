"""Handwritten digits, made hard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.tasks.embedded.definition import EmbeddedTask
from zoo.tasks.embedded.drawing import TEST_A_CLASS, compose, lay
from zoo.tasks.task import make_task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zoo.tasks.embedded.drawing import Pair
    from zoo.tasks.task import Task


def digits() -> Task:
    """Handwritten digits, made hard.

    Turned, scaled, moved, coloured and cluttered. The 1,797 originals are the test part of the UCI optical
    recognition set, as scikit-learn ships it; fifty of each digit are kept for the test split, and no original is in
    both.
    """
    import numpy as np
    from PIL import Image
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


DIGITS = EmbeddedTask("digits", digits, ("numpy", "pillow", "scikit-learn"))

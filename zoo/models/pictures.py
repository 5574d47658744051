"""Real images as weights want them: of their own task, or of photographs."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, islice
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.images.crops import crops
from zoo.models.transform import build_transform
from zoo.sources.spec import Preprocessing
from zoo.tasks.catalogue import EMBEDDED, get_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from PIL import Image
    from torch import Tensor


CALIBRATION, HELD_OUT = 0, 1
"""Parts of the images, which share none."""


def pictures(
    stated: Preprocessing | None, weights: str | Path | None, size: tuple[int, int, int], part: int, count: int
) -> Iterator[Tensor]:
    """Images as the weights want them, the same ones each time.

    Of the embedded task that the weights are named after, its training or its test images; else crops of two
    photographs.

    Parameters
    ----------
    stated : Preprocessing or None
        Of the weights.
    weights : str, Path or None
        A tag, a checkpoint, or None for random ones.
    size : tuple of int
        Channels, height, width.
    part : {CALIBRATION, HELD_OUT}
    count : int
        Images at most.

    Yields
    ------
    Tensor
        (3, height, width), float32, on the CPU.

    Raises
    ------
    ZooError
        Where other than three channels are wanted.
    """
    from torch.nn.functional import interpolate

    channels, *sides = size
    if channels != 3:
        raise ZooError(f"there are photographs of 3 channels, and the model takes {channels}")
    preprocessing, task = stated or Preprocessing(sides[0], sides[0]), task_of(weights)
    # Drawn images are whole: no margin is cut off.
    whole = preprocessing if task is None else replace(preprocessing, resize=preprocessing.crop)
    transform = build_transform(whole, sides[0])
    for image in crops(part, count) if task is None else _of_task(task, part, count):
        tensor = transform(image)
        if tensor.shape[1:] != (*sides,):  # of a model whose images are no squares
            tensor = interpolate(tensor[None], (*sides,), mode="bilinear", antialias=True)[0]
        yield tensor


def batches(images: Iterable[Tensor], size: int) -> Iterator[tuple[Tensor, int]]:
    """Images in batches of one size, and how many of each are new.

    The last is filled up with those that it begins with.
    """
    import torch

    rest = iter(images)
    while few := list(islice(rest, size)):
        yield torch.stack(list(islice(cycle(few), size))), len(few)


def task_of(weights: str | Path | None) -> str | None:
    """The embedded task that weights are named after, if they are."""
    return weights if isinstance(weights, str) and weights in EMBEDDED else None


def images_text(weights: str | Path | None) -> str:
    """What the images are, in words."""
    task = task_of(weights)
    return f"images of {task}" if task else "crops of scikit-learn's two photographs"


def _of_task(name: str, part: int, count: int) -> Iterator[Image.Image]:
    import numpy as np
    from PIL import Image

    task = get_task(name)
    images = task.train_images if part == CALIBRATION else task.test_images
    assert isinstance(images, np.ndarray)  # of a task that is drawn
    order = np.random.default_rng([61, part]).permutation(len(images))[:count]
    return (Image.fromarray(images[place]) for place in order)

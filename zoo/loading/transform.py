"""The transform that makes a photograph what a model was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.checks import integer
from zoo.errors import ZooError
from zoo.loading.specs import get, spec_of
from zoo.models.transform import build_transform
from zoo.registry.asked_weights import asked_weights
from zoo.sources.naming import DEFAULT, is_random

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image
    from torch import Tensor


def image_transform(
    name: str, weights: str | Path | None = DEFAULT, input_size: int | None = None
) -> Callable[[Image], Tensor]:
    """The transform of a model's weights: resize, crop, scale, normalise.

    Parameters
    ----------
    name : str
        As :func:`zoo.get` takes it; a tag in the name names the weights.
    weights : str, Path or None
        As :func:`zoo.create` takes them; of random ones the architecture's own.
    input_size : int, optional
        Another side in pixels; the resize keeps its proportion to it.

    Returns
    -------
    callable
        From a PIL image to a float32 tensor (3, side, side). Other images than RGB are made so first.

    Raises
    ------
    UnknownNameError
        No such model or tag.
    ZooError
        Where no preprocessing is stated.
    """
    if input_size is not None:
        integer(input_size, "", "input_size")
    spec = get(name)
    asked = asked_weights(weights, [spec.model])
    if isinstance(asked, Path) or not (asked == DEFAULT or is_random(asked)):
        spec = spec_of(spec.model, asked)
    if spec.preprocessing is None:
        raise ZooError(f"{spec.name}: no preprocessing is stated; make the images as it was trained on them")
    side = input_size or spec.input_size[1]
    made = build_transform(spec.preprocessing, None if side == spec.preprocessing.crop else side)

    def transform(image: Image) -> Tensor:
        return made(image.convert("RGB"))

    return transform

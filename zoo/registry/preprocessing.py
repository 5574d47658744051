"""Preprocessing of a spec as something that runs: on one image, or on a batch of tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from zoo.registry.spec import Preprocessing


def build_transform(preprocessing: Preprocessing, size: int | None = None) -> Callable[[Any], Tensor]:
    """The evaluation transform of a set of weights: resize, centre crop, scale to 0..1, normalise.

    Parameters
    ----------
    preprocessing : Preprocessing
    size : int, optional
        Another side for the crop; the resize keeps its proportion to it.

    Returns
    -------
    callable
        From a PIL image (RGB) to a float32 tensor (3, crop, crop).
    """
    from torchvision import transforms

    crop = size or preprocessing.crop
    resize = round(preprocessing.resize * crop / preprocessing.crop)
    transform: Callable[[Any], Tensor] = transforms.Compose(
        [
            transforms.Resize(resize, transforms.InterpolationMode(preprocessing.interpolation)),
            transforms.CenterCrop(crop),
            transforms.ToTensor(),
            transforms.Normalize(preprocessing.mean, preprocessing.std),
        ]
    )
    return transform


def normalise(batch: Tensor, preprocessing: Preprocessing) -> Tensor:
    """Subtract the mean and divide by the deviation of each channel.

    Parameters
    ----------
    batch : Tensor
        Float (N, C, H, W), values in 0..1.
    """
    mean = batch.new_tensor(preprocessing.mean).view(1, -1, 1, 1)
    std = batch.new_tensor(preprocessing.std).view(1, -1, 1, 1)
    return (batch - mean) / std

"""Preprocessing that runs, on one image or on a batch of tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from zoo.sources.spec import Preprocessing


def build_transform(preprocessing: Preprocessing, size: int | None = None) -> Callable[[Any], Tensor]:
    """The evaluation transform of a set of weights.

    Resize, crop, scale to 0..1, normalise.

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
    crop = size or preprocessing.crop
    resize = round(preprocessing.resize * crop / preprocessing.crop)
    if preprocessing.crop_mode != "center" or preprocessing.width is not None:
        return _timms_transform(preprocessing, crop, resize)
    from torchvision import transforms

    transform: Callable[[Any], Tensor] = transforms.Compose(
        [
            transforms.Resize(resize, transforms.InterpolationMode(preprocessing.interpolation)),
            transforms.CenterCrop(crop),
            transforms.ToTensor(),
            transforms.Normalize(preprocessing.mean, preprocessing.std),
        ]
    )
    return transform


def _timms_transform(preprocessing: Preprocessing, crop: int, resize: int) -> Callable[[Any], Tensor]:
    """Crops that only timm has: squashed, with a border, or no square."""
    from timm.data import create_transform

    width = round((preprocessing.width or preprocessing.crop) * crop / preprocessing.crop)
    transform: Callable[[Any], Tensor] = create_transform(
        (3, crop, width),
        interpolation=preprocessing.interpolation,
        mean=preprocessing.mean,
        std=preprocessing.std,
        crop_pct=crop / (resize + 0.5),  # the library floors the quotient
        crop_mode=preprocessing.crop_mode,
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

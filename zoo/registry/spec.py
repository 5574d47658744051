"""What is known of a model without measuring it: names, weights tags, static facts, preprocessing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How an image becomes the tensor that a set of weights expects at evaluation.

    Attributes
    ----------
    crop : int
        Side of the centre crop in pixels.
    resize : int
        Length of the shorter side before the crop, in pixels.
    interpolation : str
        ``"bilinear"``, ``"bicubic"`` or ``"nearest"``.
    mean, std : tuple of float
        Per channel, of values in 0..1.
    """

    crop: int
    resize: int
    interpolation: str = "bilinear"
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One architecture with one choice of weights; costs and accuracies are never part of it.

    Attributes
    ----------
    name : str
        ``source/architecture`` or ``source/architecture.tag``.
    source, architecture : str
        ``torchvision``, ``timm`` or the user's own; the source's name of the network.
    tag : str or None
        The weights tag this spec stands for (the source's default where the user named none);
        None where the source has no weights.
    family : str
        The kind of network, such as ``resnet``.
    tags : tuple of str
        Every weights tag of the architecture, the default first.
    params : int or None
        Parameters as used for inference, with a 1000-class head (or the source's own head).
    macs, activations : float or None
        Multiply-accumulates and output elements of convolutions and linear layers for one image of
        ``input_size``. None where they could not be counted.
    input_size : tuple of int
        Channels, height, width.
    preprocessing : Preprocessing or None
    top1 : float or None
        ImageNet-1k top-1 in percent as the library publishes it, never measured here.
    licence : str or None
        Of the weights, as the library states it.
    """

    name: str
    source: str
    architecture: str
    tag: str | None
    family: str
    tags: tuple[str, ...]
    params: int | None
    macs: float | None
    activations: float | None
    input_size: tuple[int, int, int]
    preprocessing: Preprocessing | None
    top1: float | None
    licence: str | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, with the field names as keys."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ModelSpec:
        """Undo :meth:`to_dict`."""
        values = dict(data)
        if values["preprocessing"] is not None:
            pre = dict(values["preprocessing"])
            pre |= {"mean": tuple(pre["mean"]), "std": tuple(pre["std"])}
            values["preprocessing"] = Preprocessing(**pre)
        return cls(**values | {"tags": tuple(values["tags"]), "input_size": tuple(values["input_size"])})

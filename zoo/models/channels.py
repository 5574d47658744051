"""Networks for images of another number of channels."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn


RGB = 3

SCALES, SHIFTS = (
    (0.229 / 0.5, 0.224 / 0.5, 0.225 / 0.5),
    ((0.485 - 0.5) / 0.5, (0.456 - 0.5) / 0.5, (0.406 - 0.5) / 0.5),
)
"""From ImageNet's normalisation to values in -1..1, as GoogLeNet and Inception transform their input."""


def input_layers(model: nn.Module) -> list[str]:
    """Dotted paths of the convolutions that read the image.

    Those that the library names, else the first one.

    Raises
    ------
    ZooError
        Where no convolution reads three channels first.
    """
    from torch import nn

    config: Any = getattr(model, "pretrained_cfg", None) or {}
    stated = config.get("first_conv") if hasattr(config, "get") else getattr(config, "first_conv", None)
    layers = {name: layer for name, layer in model.named_modules() if isinstance(layer, nn.Conv2d)}
    named = [name for name in ([stated] if isinstance(stated, str) else list(stated or ())) if name in layers]
    found = named or list(layers)[:1]
    if not found or any(layers[name].in_channels % RGB or layers[name].groups != 1 for name in found):
        raise ZooError(
            f"{type(model).__name__}: no convolution reads the three channels of the image, so it cannot be built "
            "for another number of them"
        )
    return found


def with_channels(model: nn.Module, channels: int) -> nn.Module:
    """Make a network of three channels, in place, one of another number.

    The weights of the first convolution are summed to one channel, or repeated and scaled to several, as timm does.

    Parameters
    ----------
    model : Module
    channels : int
        Of the images; at least 1.

    Raises
    ------
    ZooError
        Where it cannot be done for this network.
    """
    import torch
    from timm.models import adapt_input_conv

    if channels == RGB:
        return model
    model.image_channels = channels  # type: ignore[assignment]
    if getattr(model, "transform_input", False):
        any_model: Any = model
        if channels == 1:  # exactly what a grey image in three channels gives
            any_model._transform_input = partial(_grey, any_model._transform_input)
            return model
        any_model._transform_input = _transformed
    for path in input_layers(model):
        layer: Any = model.get_submodule(path)
        with torch.no_grad():
            try:
                weight = adapt_input_conv(channels, layer.weight)
            except NotImplementedError:
                raise ZooError(
                    f"{type(model).__name__}: {path} reads {layer.in_channels} channels, which cannot be made "
                    f"{channels}"
                ) from None
        layer.weight = torch.nn.Parameter(weight.to(layer.weight.dtype), layer.weight.requires_grad)
        layer.in_channels = weight.shape[1]
    return model


def image_channels(model: nn.Module) -> int:
    """Channels of the images that a network reads.

    As :func:`with_channels` made it, else three.
    """
    return int(getattr(model, "image_channels", RGB))


def channels_of(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor], layers: list[str]) -> int:
    """Channels of the images that tensors of a file were trained on.

    Those of the network, where the file says nothing else.
    """
    for path in layers:
        name = f"{path}.weight"
        if name in state and state[name].ndim == wanted[name].ndim:
            # A network that folds space into depth reads several times the image's channels.
            folded = wanted[name].shape[1] // RGB
            theirs = state[name].shape
            if (theirs[0], *theirs[2:]) == (wanted[name].shape[0], *wanted[name].shape[2:]):
                return max(1, theirs[1] // folded)
    return RGB


def _grey(usual: Any, images: Tensor) -> Tensor:
    transformed: Tensor = usual(images.expand(-1, RGB, -1, -1))
    return transformed


def _transformed(images: Tensor) -> Tensor:
    """Images of several channels, the three transformations repeated as the weights are."""
    import torch

    places = torch.arange(images.shape[1], device=images.device) % RGB
    scales = torch.tensor(SCALES, device=images.device, dtype=images.dtype)[places]
    shifts = torch.tensor(SHIFTS, device=images.device, dtype=images.dtype)[places]
    return images * scales[:, None, None] + shifts[:, None, None]

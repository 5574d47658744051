"""One classifier layer for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import ZooError

if TYPE_CHECKING:
    from torch import nn


ALIVE = 20.0
"""Bias of all classes in a new head of convolutions, as SqueezeNet's.

See docs/measuring.md#squeezenets-head.
"""


def new_head(old: nn.Module, num_classes: int) -> nn.Module:
    """A head of the same kind as ``old`` for so many classes.

    Initialised as its library does.
    """
    from torch import nn

    if num_classes == 0:
        return nn.Identity()
    if isinstance(old, nn.Conv2d):
        head = nn.Conv2d(old.in_channels, num_classes, old.kernel_size, bias=old.bias is not None)  # type: ignore[arg-type]
        # SqueezeNet's own start, several times narrower than the default.
        nn.init.normal_(head.weight, mean=0.0, std=0.01)
        if head.bias is not None:
            nn.init.constant_(head.bias, ALIVE)
        return head
    if isinstance(old, nn.Linear):
        return nn.Linear(old.in_features, num_classes, bias=old.bias is not None)
    raise ZooError(f"a head of type {type(old).__name__} cannot be replaced; it is neither linear nor a convolution")


def put(model: nn.Module, path: str, module: nn.Module) -> None:
    """Put ``module`` at a dotted path."""
    parent, _, last = path.rpartition(".")
    setattr(model.get_submodule(parent), last, module)

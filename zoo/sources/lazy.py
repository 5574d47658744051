"""Lazy modules, whose parameters have a shape once images have come."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


def is_lazy(model: nn.Module) -> bool:
    """Whether a parameter or buffer has no shape yet."""
    from torch.nn.parameter import is_lazy as has_no_shape

    return any(map(has_no_shape, [*model.parameters(), *model.buffers()]))


def shaped(model: nn.Module, input_size: tuple[int, int, int]) -> nn.Module:
    """A model whose parameters have shapes.

    One image gives a lazy one its own. Whatever its forward raises is its author's.

    Parameters
    ----------
    model : Module
    input_size : tuple of int
        Channels, height, width.
    """
    import torch

    if is_lazy(model):
        was = model.training
        with torch.no_grad():
            model.eval()(torch.zeros(1, *input_size))
        model.train(was)
    return model

"""The eager engine: the module as PyTorch runs it, call by call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.cost.engines.base import Engine
from zoo.cost.inputs import dtype_of, layout_of
from zoo.loading.create import create
from zoo.registry.catalogue import get

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from zoo.cost.settings import CostSettings


def build(model: str, weights: str | Path | None, settings: CostSettings) -> nn.Module:
    """The model in eval mode, frozen, cast and laid out as asked."""
    size = settings.input_size
    side = None if size == get(model).input_size else size[1]
    module = create(model, weights=weights, input_size=side).requires_grad_(False)
    return module.to(device=settings.device, dtype=dtype_of(settings)).to(memory_format=layout_of(settings))


EAGER = Engine("eager", build)

"""The eager engine: the module as PyTorch runs it, call by call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.cost.engines.base import Engine
from zoo.cost.engines.module import module_in_form
from zoo.cost.inputs import dtype_of, layout_of

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from zoo.cost.settings import CostSettings


def build(model: str, weights: str | Path | None, settings: CostSettings) -> nn.Module:
    """The model in its form, in eval mode, frozen, cast and laid out as asked."""
    module = module_in_form(model, weights, settings)
    return module.to(device=settings.device, dtype=dtype_of(settings)).to(memory_format=layout_of(settings))


EAGER = Engine("eager", build, trains=True)

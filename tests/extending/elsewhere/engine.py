"""An engine: each image by itself."""

from __future__ import annotations

from typing import Any

from zoo.cost.engines.base import Engine
from zoo.loading.create import create


def build(model: str, weights: str | None, settings: Any) -> Any:
    """The module, called image by image."""
    import torch
    from torch import nn

    class OneByOne(nn.Module):
        def __init__(self, module: nn.Module) -> None:
            super().__init__()
            self.module = module

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return torch.cat([self.module(image[None]) for image in images])

    return OneByOne(create(model, weights=weights).requires_grad_(False)).to(settings.device)


ONE_BY_ONE = Engine("one-by-one", build, devices=("cpu",), precisions=("fp32",))

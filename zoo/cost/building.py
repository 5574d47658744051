"""The module and the input that a setting asks for, on its device, in its precision and memory format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo.cost.settings import CostSettings


def build(model: str, weights: str | None, settings: CostSettings) -> nn.Module:
    """The model in eval mode, its parameters frozen, cast and laid out as the setting says."""
    from zoo.registry.create import create

    module = create(model, weights=weights).requires_grad_(False)
    return module.to(device=settings.device, dtype=_dtype(settings)).to(memory_format=_format(settings))


def make_input(settings: CostSettings) -> Tensor:
    """Normally distributed images (batch, channels, height, width) from a fixed seed."""
    import torch

    images = torch.randn(settings.batch, *settings.input_size, generator=torch.Generator().manual_seed(0))
    return images.to(device=settings.device, dtype=_dtype(settings), memory_format=_format(settings))


def _dtype(settings: CostSettings) -> Any:
    import torch

    return {"bf16": torch.bfloat16, "fp16": torch.float16}.get(settings.precision, torch.float32)


def _format(settings: CostSettings) -> Any:
    import torch

    return torch.channels_last if settings.memory_format == "channels_last" else torch.contiguous_format

"""The input that a setting asks for, in its precision and memory format."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from zoo.cost.settings import CostSettings


def make_input(settings: CostSettings) -> Tensor:
    """Normally distributed images from a fixed seed.

    Returns
    -------
    Tensor
        (batch, channels, height, width), on the setting's device.
    """
    import torch

    images = torch.randn(settings.batch, *settings.input_size, generator=torch.Generator().manual_seed(0))
    return images.to(device=settings.device, dtype=dtype_of(settings), memory_format=layout_of(settings))


def dtype_of(settings: CostSettings) -> torch.dtype:
    """The type of parameters and input at a precision."""
    import torch

    return {"bf16": torch.bfloat16, "fp16": torch.float16}.get(settings.precision, torch.float32)


def layout_of(settings: CostSettings) -> torch.memory_format:
    """The memory format of a setting, as torch has it."""
    import torch

    return torch.channels_last if settings.memory_format == "channels_last" else torch.contiguous_format

"""What a network computes in while it is trained and tested."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import torch


FP32, BF16 = "fp32", "bf16"
PRECISIONS = (FP32, BF16)
"""Of convolutions and matrix products; parameters, their updates, norms and losses are always float32."""


def computing_in(precision: str, device: torch.device | str) -> AbstractContextManager[object]:
    """Let a network's forward pass inside be of a precision.

    Entered anew for every step: inside, rounded weights are kept, and an update would not reach them.
    """
    import torch

    if precision == FP32:
        return nullcontext()
    return torch.autocast(torch.device(device).type, torch.bfloat16)

"""Where a model's tensors lie in memory, which decides times on a CPU."""

from __future__ import annotations

import contextlib
import itertools
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn


FILLERS, FILLER_FLOATS = 6, (1 << 16, 40 << 16)
"""Blocks that stand between a model's tensors, and their sizes: 0.25 to 10 MiB."""


class Relocator:
    """Moves a model's tensors to other places in memory.

    Moved before every round, the luck of their places becomes noise that rounds average; see
    docs/measuring.md#where-tensors-lie.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)
        self._fillers: list[Tensor] = []

    def move(self, model: nn.Module) -> None:
        """Give every parameter and buffer new storage, in a new order.

        Values, strides and ties stay. A tensor that cannot be copied (a subclass that forbids it) stays where it is.
        """
        import torch

        if len(self._fillers) == FILLERS:
            del self._fillers[self._random.randrange(FILLERS)]
        self._fillers.append(torch.ones(self._random.randrange(*FILLER_FLOATS)))
        # Tensors made in inference mode could not be assigned to those of the model.
        with torch.inference_mode(False), torch.no_grad():
            tensors = list(itertools.chain(model.parameters(), model.buffers()))
            self._random.shuffle(tensors)
            for tensor in tensors:
                with contextlib.suppress(RuntimeError, TypeError):
                    tensor.data = tensor.data.clone()

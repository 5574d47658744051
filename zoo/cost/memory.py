"""What the C library does with freed memory, and where a model lies in it: both decide times on a CPU."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import random
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
"""Parameters of glibc's ``mallopt``."""

GROWTH_BYTES = 1 << 26

ENVIRONMENT = f"MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_={(1 << 64) - 1} MALLOC_TOP_PAD_={GROWTH_BYTES}"
"""The same for any program, from the start: environment variables that glibc reads."""

FILLERS, FILLER_FLOATS = 6, (1 << 16, 40 << 16)
"""Blocks that stand between a model's tensors, and their sizes: 0.25 to 10 MiB."""


def keep_freed_memory() -> bool:
    """Tell glibc's allocator, for the rest of this process, to hold on to what is freed; whether it agreed.

    By default a large block is mapped afresh each time, and every page of it faulted in and cleared. One
    forward pass of MobileNetV2 then faulted three thousand pages and took 1.6 times as long, or did not, as the
    heap's last block happened to lie: two processes with one model differed by up to a third. For the
    gradients of AlexNet and VGG-16, half a gigabyte a step, the faults took a third to a half of the time.

    See Also
    --------
    ENVIRONMENT : the variables that give any program the same.
    """
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):  # another C library, such as musl
        return False
    wanted = ((MMAP_MAX, 0), (TRIM_THRESHOLD, -1), (TOP_PAD, GROWTH_BYTES))
    return all(library.mallopt(parameter, value) == 1 for parameter, value in wanted)


class Relocator:
    """Moves a model's tensors to other places in memory.

    Which of them fall on each other in the caches depends on where they lie, and a process that never
    moves them keeps its luck for life. Moved before every round, the luck becomes noise that rounds
    average and the interval carries.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)
        self._fillers: list[Tensor] = []

    def move(self, model: nn.Module) -> None:
        """Give every parameter and buffer new storage, in a new order; values, strides and ties stay.

        A tensor that cannot be copied (a subclass that forbids it) stays where it is.
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

"""Memory that training has freed is kept for its next step instead of going back to the kernel and coming again."""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
"""Parameters of glibc's ``mallopt``."""

GROWTH_BYTES = 1 << 26


def keep_freed_memory() -> bool:
    """Tell glibc's allocator, for the rest of this process, to hold on to what is freed; whether it agreed.

    By default a large block is mapped afresh each time and every page of it faulted in and cleared: for
    the gradients of AlexNet and VGG-16, half a gigabyte a step, that took a third to a half of the time.
    Only processes that train call this. Whoever measures a latency measures the allocator that users have.
    """
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):  # another C library, such as musl
        return False
    wanted = ((MMAP_MAX, 0), (TRIM_THRESHOLD, -1), (TOP_PAD, GROWTH_BYTES))
    return all(library.mallopt(parameter, value) == 1 for parameter, value in wanted)

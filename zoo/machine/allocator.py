"""Settings of the C library's allocator, which decide times on a CPU."""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
"""Parameters of glibc's ``mallopt``."""


GROWTH_BYTES = 1 << 26


ENVIRONMENT = f"MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_={(1 << 64) - 1} MALLOC_TOP_PAD_={GROWTH_BYTES}"
"""The same for any program, from the start: environment variables that glibc reads."""


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

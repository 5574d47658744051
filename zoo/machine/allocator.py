"""Settings of the C library's allocator, which decide times on a CPU."""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
"""Parameters of glibc's ``mallopt``."""

GROWTH_BYTES = 1 << 26
"""By so much the heap grows when it must."""

ENVIRONMENT = f"MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_={(1 << 64) - 1} MALLOC_TOP_PAD_={GROWTH_BYTES}"
"""The same for any program, from the start: environment variables that glibc reads."""


def keep_freed_memory() -> bool:
    """Have glibc's allocator hold on to what is freed, from now on.

    Otherwise each large block costs page faults anew; see docs/measuring.md#freed-memory.

    Returns
    -------
    bool
        Whether the allocator agreed.

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

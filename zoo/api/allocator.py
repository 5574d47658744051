"""The C library's allocator as the zoo's times are taken with it."""

from __future__ import annotations

from zoo.machine.allocator import keep_freed_memory


def fast_allocator() -> bool:
    """Have this program keep the memory that it frees, from now on.

    Models then take the times of the zoo's tables on a CPU: by default the C library (glibc) gives large blocks back,
    and each costs page faults anew, up to 1.6 times the time. For a program from its start, set
    ``MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=18446744073709551615 MALLOC_TOP_PAD_=67108864`` before it.

    Returns
    -------
    bool
        Whether the allocator agreed; no other than glibc's does.
    """
    return keep_freed_memory()

"""Ways for a process to end with its parent, even while it hangs."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


def die_with_parent() -> None:
    """Ask the kernel to end this process with the one that forked it."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def die_when_closed(lifeline: Connection) -> None:
    """Ask the kernel to end this process when a pipe's other end closes.

    Nothing is written there. A child that is forked by a server has that for a parent, and keeps it alive: for the
    death of that one it would wait in vain; see docs/measuring.md#how-processes-end.
    """
    if sys.platform == "linux":
        import fcntl

        end = lifeline.fileno()
        fcntl.fcntl(end, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(end, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(end, fcntl.F_SETFL, fcntl.fcntl(end, fcntl.F_GETFL) | os.O_ASYNC)
        if lifeline.poll():  # closed before the kernel was asked
            os._exit(1)

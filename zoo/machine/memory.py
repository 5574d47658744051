"""Memory of the machine, and a bound on what a process may fill."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from zoo.machine.cgroup import ROOT, memory_limit

OOM_FILES = (Path("/sys/fs/cgroup/memory.events"), Path("/proc/vmstat"))
"""Where the kernel counts them: those of the container, or of the whole machine."""


def memory_total(root: Path = ROOT) -> int:
    """Bytes of memory of the machine, or of the container if that is less.

    Parameters
    ----------
    root : Path
        The folder in which the control groups are looked for.
    """
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = memory_limit(root)
    return total if limit is None else min(total, limit)


def oom_kills() -> int | None:
    """Processes killed for want of memory, None where that is not told."""
    for path in OOM_FILES:
        try:
            for line in path.read_text().splitlines():
                key, _, value = line.partition(" ")
                if key == "oom_kill":
                    return int(value)
        except (OSError, ValueError):
            continue
    return None


def limit_memory(fraction: float) -> None:
    """Bound this process's private memory to a part of what there is.

    A model that exhausts it then gets an error, and the machine lives on.
    """
    limit = int(memory_total() * fraction)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))

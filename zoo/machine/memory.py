"""Memory of the machine: how much there is, and a bound on what a process may fill."""

from __future__ import annotations

import os
from pathlib import Path

OOM_FILES = (Path("/sys/fs/cgroup/memory.events"), Path("/proc/vmstat"))


def memory_total() -> int:
    """Bytes of memory of the machine, or of the control group where that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):
        return total


def oom_kills() -> int | None:
    """Processes that the kernel has killed for want of memory, or None where it does not tell."""
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
    """Bound private memory, so that a model that exhausts it gets an error and the machine lives on."""
    import resource

    from zoo.machine.memory import memory_total

    limit = int(memory_total() * fraction)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))

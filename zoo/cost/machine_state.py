"""What else happens on the machine while a model is timed; whatever cannot be read is left out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PRESSURE = Path("/proc/pressure/cpu")
STAT = Path("/proc/stat")
OOM_FILES = (Path("/sys/fs/cgroup/memory.events"), Path("/proc/vmstat"))


@dataclass(frozen=True, slots=True)
class Contention:
    """Counters since boot, or None where the kernel does not tell.

    Attributes
    ----------
    waiting_s : float or None
        Seconds in which some task waited for a core (pressure-stall ``some``).
    stolen_ticks, total_ticks : int or None
        Clock ticks the hypervisor gave to others, and all ticks, over all cores.
    """

    waiting_s: float | None
    stolen_ticks: int | None
    total_ticks: int | None


def read_contention() -> Contention:
    """The counters now."""
    waiting: float | None = None
    stolen = total = None
    try:
        some = PRESSURE.read_text().splitlines()[0]
        waiting = int(some.rpartition("total=")[2]) / 1e6
    except (OSError, ValueError, IndexError):
        pass
    try:
        ticks = [int(field) for field in STAT.read_text().splitlines()[0].split()[1:9]]
        stolen, total = ticks[7], sum(ticks)
    except (OSError, ValueError, IndexError):
        pass
    return Contention(waiting, stolen, total)


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

"""What else happens on the machine while a model is timed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Number = TypeVar("Number", int, float)

PRESSURE = Path("/proc/pressure/cpu")
STAT = Path("/proc/stat")


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

    def since(self, before: Contention) -> Contention:
        """What was added since then, None for what either does not tell."""
        return Contention(
            _added(before.waiting_s, self.waiting_s),
            _added(before.stolen_ticks, self.stolen_ticks),
            _added(before.total_ticks, self.total_ticks),
        )


def _added(before: Number | None, after: Number | None) -> Number | None:
    return None if before is None or after is None else after - before


def read_contention() -> Contention:
    """Read the counters now, as far as the kernel tells them."""
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

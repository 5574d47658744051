"""Counters of energy: RAPL of a CPU, NVML of a GPU."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.machine.gpu_state import driver_handle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


RAPL = Path("/sys/class/powercap")


@dataclass(frozen=True)
class Counter:
    """A counter of energy that only rises, but for going round.

    Attributes
    ----------
    read : callable
        Joules of each of its parts since some time in the past.
    ranges : mapping of str to float
        Joules at which a part begins anew.
    """

    read: Callable[[], Mapping[str, float]]
    ranges: Mapping[str, float]

    def since(self, before: Mapping[str, float]) -> float:
        """Joules of all parts since they stood so, less than once around ago."""
        now = self.read()
        gone = {part: now[part] - before[part] for part in now}
        return sum(joules if joules >= 0 else joules + self.ranges.get(part, 0.0) for part, joules in gone.items())


def counter_for(device: str, root: Path = RAPL) -> Counter | None:
    """The counter of a device, None where none can be read."""
    return _of_cpu(root) if device == "cpu" else _of_gpu(device)


def _of_cpu(root: Path) -> Counter | None:
    """The packages of the CPU: each has a folder, and what lies in it is part of it."""
    packages = [folder for folder in sorted(root.glob("intel-rapl:*")) if folder.name.count(":") == 1]
    try:
        ranges = {folder.name: _joules(folder / "max_energy_range_uj") for folder in packages}
        for folder in packages:
            _joules(folder / "energy_uj")
    except (OSError, ValueError):  # often for the superuser alone
        return None
    if not packages:
        return None
    return Counter(lambda: {folder.name: _joules(folder / "energy_uj") for folder in packages}, ranges)


def _joules(file: Path) -> float:
    return int(file.read_text()) / 1e6


def _of_gpu(device: str) -> Counter | None:
    import pynvml

    def read() -> dict[str, float]:
        with driver_handle(device) as handle:
            if handle is None:
                raise OSError("no driver")
            return {device: pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1000}

    try:
        read()
    except (OSError, pynvml.NVMLError):
        return None
    return Counter(read, {})

"""The facts of a machine in words, for tables and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.machine.fingerprint import Machine


UNREAD = "not readable"


def processor_text(machine: Machine) -> str:
    """The processor's name, and what tells it from others of that name."""
    parts = [("family", machine.family), ("model", machine.model), ("stepping", machine.stepping)]
    told = [f"{name} {value}" for name, value in parts if value is not None]
    if machine.capability is not None:
        told.append(machine.capability)
    return f"{machine.cpu} ({', '.join(told)})" if told else str(machine.cpu)


def cores_text(machine: Machine) -> str:
    """The cores that may be used, and a container's quota where there is one."""
    quota = f", CPU quota {quota_text(machine)}" if machine.cpu_quota is not None else ""
    return f"{machine.usable_cores} of {machine.cores} cores usable{quota}"


def quota_text(machine: Machine) -> str:
    """A container's share of the cores' time."""
    quota = machine.cpu_quota
    return "none" if quota is None else f"{quota:g} core{'s' * (quota != 1)}"


def cache_text(machine: Machine) -> str:
    """The sizes of the caches, smallest first."""
    return ", ".join(f"{level} {_size(size)}" for level, size in (machine.cache_bytes or {}).items()) or UNREAD


def frequency_text(machine: Machine) -> str:
    """The highest clock that the system allows itself."""
    return UNREAD if machine.frequency_mhz is None else f"{machine.frequency_mhz} MHz"


def _size(count: int) -> str:
    return f"{count / 2**20:g} MiB" if count >= 2**20 else f"{count / 2**10:g} KiB"

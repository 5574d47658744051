"""The machine a record was made on: what changes a number there, and what else a reader wants to know."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.canonical import canonical_digest

if TYPE_CHECKING:
    from collections.abc import Mapping


LIBRARIES = ("torch", "torchvision", "timm")

HARDWARE = ("cpu", "cores", "usable_cores")
"""What of the key is the machine itself; GPUs by name are too, their driver is not."""

KEYED = ("cpu", "cores", "usable_cores", "gpus", "python", "libraries")
"""What of a fingerprint changes a number; threads, batch and precision are settings of the trial."""


def fingerprint() -> dict[str, Any]:
    """What can be told of this machine without importing torch; no host, user or path is in it."""
    usable = len(os.sched_getaffinity(0))
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count() or usable,
        "usable_cores": usable,
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "gpus": _gpus(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "zoo": _version("backbone-zoo"),
        "system": f"{platform.system()} {platform.release()}",
        "governor": _read(Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
    }


def machine_key(environment: Mapping[str, Any]) -> str:
    """16 hex digits over what changes a number, so that records of like machines are like."""
    return canonical_digest({name: environment.get(name) for name in KEYED})[:16]


def hardware_differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """In what two fingerprints are of different machines, in words."""
    found = [f"{name}: {a.get(name)} and {b.get(name)}" for name in HARDWARE if a.get(name) != b.get(name)]
    names = [[gpu.get("name") for gpu in side.get("gpus") or ()] for side in (a, b)]
    return found + ([f"gpus: {_listed(names[0])} and {_listed(names[1])}"] if names[0] != names[1] else [])


def software_differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """What of the key was installed anew between two fingerprints, in words."""
    sides = []
    for side in (a, b):
        drivers = {gpu.get("driver") for gpu in side.get("gpus") or ()}
        versions = {"python": side.get("python"), "driver": _listed(sorted(map(str, drivers)))}
        sides.append(versions | dict(side.get("libraries") or {}))
    names = dict.fromkeys([*sides[0], *sides[1]])
    return [
        f"{name} {sides[0].get(name)} → {sides[1].get(name)}"
        for name in names
        if sides[0].get(name) != sides[1].get(name)
    ]


def _listed(names: list[Any]) -> str:
    return ", ".join(map(str, names)) or "none"


def _cpu_model() -> str:
    for line in (_read(Path("/proc/cpuinfo")) or "").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gpus() -> list[dict[str, str]]:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        driver = str(pynvml.nvmlSystemGetDriverVersion())
        handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        return [{"name": str(pynvml.nvmlDeviceGetName(handle)), "driver": driver} for handle in handles]
    except pynvml.NVMLError:
        return []
    finally:
        pynvml.nvmlShutdown()


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None

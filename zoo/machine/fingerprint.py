"""The machine a record was made on, as far as a reader wants to know."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Any

from zoo.machine.cgroup import ROOT, cpu_quota
from zoo.machine.devices import allowed_cores
from zoo.machine.memory import memory_total
from zoo.machine.processor import (
    cache_bytes,
    capability,
    cpu_name,
    frequency_mhz,
    governor,
    identity,
    instruction_sets,
    read_cpuinfo,
)
from zoo.machine.values import elements, number, sizes, text, texts, versions, whole
from zoo.machine.yardstick import Yardstick

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


LIBRARIES = ("torch", "torchvision", "timm")


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU as its driver names it."""

    name: str
    driver: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A computer as a record tells of it.

    None is what the record does not tell. No host, user or path is in it.

    Attributes
    ----------
    cpu : str
        Name of the processor, which several may share.
    vendor, family, model, stepping : str
        Which processor it is; see :class:`zoo.machine.processor.Identity`.
    instruction_sets : tuple of str
        Those that decide PyTorch's kernels. A record that lacks them is of an unknown machine.
    capability : str
        The kernels that PyTorch takes (``AVX512``), by its own name.
    cache_bytes : mapping
        Bytes of the caches of the first core, by level (``L1d``, ``L2``, ``L3``).
    frequency_mhz : int
        The highest clock that the system allows itself.
    cores, usable_cores : int
        Cores of the machine, and those that this process may be run on.
    cpu_quota : float
        Cores' worth of time that a container may use; None also where that is unlimited.
    memory_bytes : int
        Memory of the machine, or of the container where that is less.
    gpus : tuple of Gpu
    python : str
        Its version, without the last part.
    libraries : mapping
        Versions, by distribution.
    zoo, system, governor : str
        Version of the zoo, the kernel's name and release, how the clock is chosen.
    yardstick : Yardstick
        How fast the machine was when the run began.
    other : mapping
        What else the record tells of where it is from.
    """

    cpu: str | None = None
    vendor: str | None = None
    family: str | None = None
    model: str | None = None
    stepping: str | None = None
    instruction_sets: tuple[str, ...] | None = None
    capability: str | None = None
    cache_bytes: Mapping[str, int] | None = None
    frequency_mhz: int | None = None
    cores: int | None = None
    usable_cores: int | None = None
    cpu_quota: float | None = None
    memory_bytes: int | None = None
    gpus: tuple[Gpu, ...] | None = None
    python: str | None = None
    libraries: Mapping[str, str] | None = None
    zoo: str | None = None
    system: str | None = None
    governor: str | None = None
    yardstick: Yardstick | None = None
    other: Mapping[str, object] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON, without what the record does not tell."""
        told = {name: value for name in READERS if (value := getattr(self, name)) is not None}
        return {**self.other, **{name: WRITERS[name](v) if name in WRITERS else v for name, v in told.items()}}

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Machine:
        """Undo :meth:`to_dict`.

        What is unknown, or no value of its kind, is kept in ``other``: nothing that a record tells is lost.
        """
        told: dict[str, Any] = {}
        other: dict[str, object] = {}
        for name, value in data.items():
            try:
                told[name] = READERS[name](value)
            except (KeyError, TypeError, ValueError, OverflowError):
                other[name] = value
        return cls(**told, other=other)


def fingerprint(root: Path = ROOT) -> Machine:
    """Tell what can be told of this machine without importing torch.

    Parameters
    ----------
    root : Path
        The folder in which ``/proc`` and ``/sys`` are looked for.
    """
    blocks = read_cpuinfo(root)
    sets = instruction_sets(blocks)
    usable = allowed_cores()
    return Machine(
        cpu=cpu_name(blocks),
        **identity(blocks)._asdict(),
        instruction_sets=sets,
        capability=capability(sets),
        cache_bytes=cache_bytes(root),
        frequency_mhz=frequency_mhz(root),
        cores=os.cpu_count() or usable,
        usable_cores=usable,
        cpu_quota=cpu_quota(root),
        memory_bytes=memory_total(root),
        gpus=_gpus(),
        python=".".join(platform.python_version_tuple()[:2]),
        libraries={name: _version(name) for name in LIBRARIES},
        zoo=_version("backbone-zoo"),
        system=f"{platform.system()} {platform.release()}",
        governor=governor(root),
    )


def _gpus() -> tuple[Gpu, ...]:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        driver = str(pynvml.nvmlSystemGetDriverVersion())
        handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        return tuple(Gpu(str(pynvml.nvmlDeviceGetName(handle)), driver) for handle in handles)
    except pynvml.NVMLError:
        return ()
    finally:
        pynvml.nvmlShutdown()


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def _gpus_of(value: Any) -> tuple[Gpu, ...]:
    return tuple(Gpu(**versions(gpu)) for gpu in elements(value))


READERS: Mapping[str, Callable[[Any], object]] = {
    "cpu": text,
    "vendor": text,
    "family": text,
    "model": text,
    "stepping": text,
    "instruction_sets": texts,
    "capability": text,
    "cache_bytes": sizes,
    "frequency_mhz": whole,
    "cores": whole,
    "usable_cores": whole,
    "cpu_quota": number,
    "memory_bytes": whole,
    "gpus": _gpus_of,
    "python": text,
    "libraries": versions,
    "zoo": text,
    "system": text,
    "governor": text,
    "yardstick": Yardstick.from_dict,
}
"""Of each field but ``other``, what makes it of a JSON value; each raises what :meth:`Machine.from_dict` catches."""

WRITERS: Mapping[str, Callable[[Any], object]] = {
    "instruction_sets": list,
    "cache_bytes": dict,
    "libraries": dict,
    "gpus": lambda gpus: [{"name": gpu.name, "driver": gpu.driver} for gpu in gpus],
    "yardstick": Yardstick.to_dict,
}
"""Of fields that are no JSON values themselves, what makes them so."""

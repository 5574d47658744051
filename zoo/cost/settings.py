"""The settings a cost is measured at; every one of them is part of the row."""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass
from typing import Any

from zoo.errors import UnknownNameError, ZooError

METRICS = ("latency", "throughput")
PRECISIONS = ("fp32", "bf16", "fp16")
MEMORY_FORMATS = ("contiguous", "channels_last")

_DEVICE = re.compile(r"cpu|cuda(:\d+)?")


@dataclass(frozen=True, slots=True)
class CostSettings:
    """How a model is run while it is timed.

    Attributes
    ----------
    metric : str
        ``"latency"`` (reported in milliseconds a call) or ``"throughput"`` (images a second).
    device : str
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    batch : int
        Images a call.
    threads : int
        CPU threads of the process that runs the model.
    precision : str
        ``"fp32"``, or ``"bf16"`` and ``"fp16"``: parameters and input are cast.
    memory_format : str
        ``"contiguous"`` or ``"channels_last"``.
    input_size : tuple of int
        Channels, height, width.
    """

    metric: str
    device: str
    batch: int
    threads: int
    precision: str
    memory_format: str
    input_size: tuple[int, int, int]

    def __post_init__(self) -> None:
        known = (
            ("metric", self.metric, METRICS),
            ("precision", self.precision, PRECISIONS),
            ("memory format", self.memory_format, MEMORY_FORMATS),
        )
        for kind, value, values in known:
            if value not in values:
                raise UnknownNameError(kind, value, values, f"permitted: {', '.join(values)}")
        check_device(self.device)
        for name, number in (
            ("batch", self.batch),
            ("threads", self.threads),
            ("size", min(self.input_size)),
        ):
            if number < 1:
                raise ZooError(f"{name} must be at least 1, not {number}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; part of a trial's key."""
        return asdict(self) | {"input_size": list(self.input_size)}


def check_device(device: str) -> None:
    """Refuse what names no device.

    Raises
    ------
    UnknownNameError
    """
    if not _DEVICE.fullmatch(device):
        raise UnknownNameError("device", device, ("cpu", "cuda", "cuda:1"), "permitted: auto, cpu, cuda, cuda:N")


def resolve_devices(devices: list[str]) -> list[str]:
    """Devices to measure on: ``auto`` is the CPU, and the first GPU where the driver shows one.

    Raises
    ------
    ZooError
        For a GPU that is not there.
    """
    gpus = gpu_count()
    resolved: dict[str, None] = {}
    for device in devices:
        if device == "auto":
            resolved |= dict.fromkeys(["cpu", "cuda"] if gpus else ["cpu"])
            continue
        check_device(device)
        index = int(device.partition(":")[2] or 0)
        if device != "cpu" and index >= gpus:
            there = f"{gpus} GPU{'s' * (gpus != 1)}" if gpus else "no GPU"
            raise ZooError(f"device {device!r}: the driver shows {there} here; use cpu or auto")
        resolved[device] = None
    return list(resolved)


def gpu_count() -> int:
    """GPUs that the NVIDIA driver shows, without importing torch; 0 where there is no driver."""
    import pynvml

    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None and visible.strip() in ("", "-1"):
        return 0
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return 0
    try:
        count = int(pynvml.nvmlDeviceGetCount())
    finally:
        pynvml.nvmlShutdown()
    return min(count, len(visible.split(","))) if visible else count


def all_cores() -> int:
    """CPU cores this process may use."""
    return len(os.sched_getaffinity(0))

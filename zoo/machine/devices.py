"""The devices that can be measured on here."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

from zoo.checks import text
from zoo.errors import UnknownNameError, ZooError
from zoo.machine.cgroup import ROOT, cpu_quota

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 120.0
"""For torch to be imported and to answer."""

QUESTION = """
import sys
try:
    import torch
    torch.ones(1, device=sys.argv[1]).sum().item()
except Exception as error:
    print(type(error).__name__ + ":", (str(error).splitlines() or [""])[0])
else:
    print("usable")
"""


def resolve_devices(devices: list[str]) -> list[str]:
    """Devices to measure on.

    ``auto`` is the CPU, and the first GPU where torch can use it.

    Raises
    ------
    ZooError
        For a GPU that is asked for by name and is not there, or cannot be used.
    """
    resolved: dict[str, None] = {}
    for device in devices:
        if device == "auto":
            resolved |= dict.fromkeys(["cpu"] if obstacle("cuda") else ["cpu", "cuda"])
            continue
        check_device(device)
        if device != "cpu" and (reason := obstacle(device)):
            raise ZooError(f"device {device!r}: {reason}; use cpu or auto")
        resolved[device] = None
    return list(resolved)


def resolve_device(device: str) -> str:
    """``auto`` is the first GPU where torch can use it, else the CPU.

    Raises
    ------
    ZooError
        For a GPU that is not there, or that torch cannot use.
    """
    return resolve_devices([device])[-1]


def obstacle(device: str) -> str:
    """Why a GPU cannot be measured on, empty where it can."""
    gpus = gpu_count()
    if cuda_index(device) >= gpus:
        there = f"{gpus} GPU{'s' * (gpus != 1)}" if gpus else "no GPU"
        return f"the driver shows {there} here"
    reason = torch_refusal(device)
    return f"the driver shows it, but torch cannot use it ({reason})" if reason else ""


def ignored_gpu() -> str:
    """One line on a GPU that ``auto`` leaves out, empty where it does not."""
    reason = obstacle("cuda") if gpu_count() else ""
    return f"auto leaves the GPU out: {reason}" if reason else ""


def cuda_index(device: str) -> int:
    """N of ``cuda:N``, 0 of ``cuda``."""
    return int(device.partition(":")[2] or 0)


def gpu_count() -> int:
    """Number of GPUs that the NVIDIA driver shows, 0 where there is none."""
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


@cache
def torch_refusal(device: str) -> str:
    """Why torch cannot compute on a device, in its words, empty if it can.

    A process of its own is asked, once; see docs/measuring.md#whether-torch-can-use-one.
    """
    try:
        asked = subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-c", QUESTION, device], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {PATIENCE_S:g} s"
    said = (asked.stdout.strip().splitlines() or [""])[-1]
    if asked.returncode or not said:
        return f"the process that tried ended with exit code {asked.returncode}"
    return "" if said == "usable" else said[:200]


_DEVICE = re.compile(r"cpu|cuda(:\d+)?")


def check_device(device: str) -> None:
    """Refuse what names no device.

    Raises
    ------
    UnknownNameError
    InputFileError
        For what is no text.
    """
    text(device, "", "device")
    if not _DEVICE.fullmatch(device):
        raise UnknownNameError("device", device, ("cpu", "cuda", "cuda:1"), "permitted: auto, cpu, cuda, cuda:N")


def allowed_cores() -> int:
    """CPU cores that this process may run on, whatever its share."""
    return len(os.sched_getaffinity(0))


def all_cores(root: Path = ROOT) -> int:
    """CPU cores to use: at most a container's quota, rounded up."""
    quota, allowed = cpu_quota(root), allowed_cores()
    return allowed if quota is None else max(1, min(allowed, math.ceil(quota)))

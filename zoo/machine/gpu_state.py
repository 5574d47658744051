"""What makes a GPU's times doubtful: held clocks and other processes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.machine.devices import cuda_index

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


LIMITS = {
    0x2: "set by its user",
    0x4: "by its power cap",
    0x8: "by a hardware slowdown",
    0x10: "by sync boost",
    0x20: "by heat",
    0x40: "by heat (hardware)",
    0x80: "by a power brake",
    0x100: "by the display",
}
"""NVML's reasons for a clock under the highest; that nothing runs (0x1) is none."""


@dataclass(frozen=True, slots=True)
class GpuState:
    """What the driver told of a GPU while it computed.

    Attributes
    ----------
    limits : tuple of str
        What held its clocks back.
    pids : tuple of int
        Processes on it. In a container they may be numbered as outside.
    """

    limits: tuple[str, ...] = ()
    pids: tuple[int, ...] = ()


@contextmanager
def driver_handle(device: str) -> Iterator[Any]:
    """The driver's handle of one of torch's GPUs, None where it cannot be had.

    Torch counts the GPUs that ``CUDA_VISIBLE_DEVICES`` leaves, fastest first unless told otherwise, the driver
    all of them by their place on the bus: they are matched by that place.
    """
    import pynvml
    import torch

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        yield None
        return
    try:
        found: Any = torch.cuda.get_device_properties(cuda_index(device))
        place = f"{found.pci_domain_id:08x}:{found.pci_bus_id:02x}:{found.pci_device_id:02x}.0"
        try:
            handle = pynvml.nvmlDeviceGetHandleByPciBusId(place)
        except pynvml.NVMLError:
            handle = None
        yield handle
    finally:
        pynvml.nvmlShutdown()


def clock_limits(handle: Any) -> set[str]:
    """What holds the clocks back now, in words."""
    import pynvml

    try:
        reasons = int(pynvml.nvmlDeviceGetCurrentClocksEventReasons(handle))
    except pynvml.NVMLError:
        return set()
    return {words for bit, words in LIMITS.items() if reasons & bit}


def processes(handle: Any) -> tuple[int, ...]:
    """Numbers of the processes on a GPU, as far as the driver tells."""
    import pynvml

    try:
        return tuple(sorted({int(p.pid) for p in pynvml.nvmlDeviceGetComputeRunningProcesses(handle)}))
    except pynvml.NVMLError:
        return ()


def flags(state: GpuState, asked: int | None, ours: Collection[int]) -> set[str]:
    """What of a state is worth a flag.

    Parameters
    ----------
    state : GpuState
    asked : int
        The process that read the state, and so was on the GPU.
    ours : collection of int
        Every process that the cohort has there.
    """
    found = {f"gpu clock limited {words}" for words in state.limits}
    others = len(set(state.pids) - set(ours))
    if asked not in state.pids:  # numbered as outside of a container: which are ours cannot be told, how many can
        others = max(0, len(state.pids) - len(ours))
    if others:
        found.add(f"{others} other process{'es' * (others != 1)} on the gpu")
    return found

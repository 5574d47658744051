"""The driver's GPU is the one that torch means, and a cohort's own workers are not strangers to it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pynvml
import pytest
import torch

from zoo.machine.gpu_state import GpuState, clock_limits, driver_handle, flags, processes


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A driver with one GPU, whose torch index is not its own."""
    state: dict[str, Any] = {"reasons": 0x1, "pids": [7, 7, 5], "shut": 0}
    places = {"00000000:65:00.0": "the fourth"}

    def handle(place: str) -> str:
        if place not in places:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_FOUND)
        return places[place]

    def running(_handle: Any) -> list[Any]:
        if state["pids"] is None:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NO_PERMISSION)
        return [SimpleNamespace(pid=pid) for pid in state["pids"]]

    monkeypatch.setattr(pynvml, "nvmlInit", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlShutdown", lambda: state.__setitem__("shut", state["shut"] + 1))
    monkeypatch.setattr(pynvml, "nvmlDeviceGetHandleByPciBusId", handle)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetCurrentClocksEventReasons", lambda _handle: state["reasons"])
    monkeypatch.setattr(pynvml, "nvmlDeviceGetComputeRunningProcesses", running)
    bus = {0: 0x65, 1: 0x99}
    monkeypatch.setattr(
        torch.cuda,
        "get_device_properties",
        lambda index: SimpleNamespace(pci_domain_id=0, pci_bus_id=bus[index], pci_device_id=0),
    )
    return state


def test_a_gpu_is_found_by_its_place_on_the_bus(driver: dict[str, Any]) -> None:
    with driver_handle("cuda") as handle:
        assert handle == "the fourth"
    with driver_handle("cuda:1") as handle:
        assert handle is None  # hidden from this driver
    assert driver["shut"] == 2


def test_an_error_inside_is_the_caller_s(driver: dict[str, Any]) -> None:
    with pytest.raises(RuntimeError, match="planted"), driver_handle("cuda"):
        raise RuntimeError("planted")
    assert driver["shut"] == 1


def test_reasons_are_told_in_words_and_idleness_is_none(driver: dict[str, Any]) -> None:
    assert clock_limits(None) == set()
    driver["reasons"] = 0x1 | 0x4 | 0x20
    assert clock_limits(None) == {"by its power cap", "by heat"}


def test_processes_that_the_driver_hides_do_not_hide_the_clocks(driver: dict[str, Any]) -> None:
    assert processes(None) == (5, 7)
    driver["pids"], driver["reasons"] = None, 0x8
    assert processes(None) == ()
    assert clock_limits(None) == {"by a hardware slowdown"}


@pytest.mark.parametrize(
    ("pids", "others"),
    [
        ((11, 12), 0),
        ((11, 12, 900), 1),
        ((11, 901, 900), 2),
        # In a container, numbered as outside: the worker that asked is not among them, so they are counted.
        ((4011, 4012), 0),
        ((4011, 4012, 4900), 1),
        ((), 0),
    ],
)
def test_strangers_are_told_from_workers(pids: tuple[int, ...], others: int) -> None:
    found = flags(GpuState((), pids), 11, {11, 12})
    assert found == ({f"{others} other process{'es' * (others != 1)} on the gpu"} if others else set())

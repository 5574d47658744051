"""A GPU that is not there, or that torch cannot use, is refused by name and left out of ``auto``."""

from __future__ import annotations

import sys

import pytest

from zoo.cost.checks import check_settings
from zoo.cost.settings import CostSettings
from zoo.errors import ZooError
from zoo.machine import devices
from zoo.machine.devices import ignored_gpu, obstacle, resolve_device, resolve_devices, torch_refusal

TOO_OLD = "RuntimeError: The NVIDIA driver on your system is too old"


def plant(monkeypatch: pytest.MonkeyPatch, gpus: int, refusals: dict[str, str] | None = None) -> None:
    monkeypatch.setattr(devices, "gpu_count", lambda: gpus)
    monkeypatch.setattr(devices, "torch_refusal", lambda device: (refusals or {}).get(device, ""))


@pytest.mark.parametrize(
    ("gpus", "asked", "resolved"),
    [
        (0, ["auto"], ["cpu"]),
        (1, ["auto"], ["cpu", "cuda"]),
        (2, ["cuda:1", "cpu", "auto"], ["cuda:1", "cpu", "cuda"]),
    ],
)
def test_what_is_there_is_resolved(
    monkeypatch: pytest.MonkeyPatch, gpus: int, asked: list[str], resolved: list[str]
) -> None:
    plant(monkeypatch, gpus)
    assert resolve_devices(asked) == resolved
    assert ignored_gpu() == ""


@pytest.mark.parametrize(
    ("gpus", "device", "shown"), [(0, "cuda", "no GPU"), (1, "cuda:7", "1 GPU here"), (2, "cuda:2", "2 GPUs")]
)
def test_a_gpu_that_is_not_there_is_refused_for_costs_and_for_transfer(
    monkeypatch: pytest.MonkeyPatch, gpus: int, device: str, shown: str
) -> None:
    plant(monkeypatch, gpus)
    for resolve in (lambda: resolve_devices([device]), lambda: resolve_device(device)):
        with pytest.raises(ZooError, match=f"device '{device}': the driver shows {shown}"):
            resolve()


def test_a_gpu_that_torch_cannot_use_is_left_out_of_auto_with_a_line_and_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch, 1, {"cuda": TOO_OLD})
    assert resolve_devices(["auto"]) == ["cpu"]
    assert resolve_device("auto") == "cpu"
    line = ignored_gpu()
    assert TOO_OLD in line
    assert "\n" not in line
    with pytest.raises(ZooError, match="torch cannot use it"):
        resolve_devices(["cuda"])


def test_auto_is_the_gpu_for_transfer_where_torch_can_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, 1)
    assert resolve_device("auto") == "cuda"


def test_torch_is_asked_in_a_process_of_its_own() -> None:
    torch_refusal.cache_clear()
    assert torch_refusal("cpu") == ""
    reason = torch_refusal("cuda:63")
    assert reason
    assert "\n" not in reason
    assert "usable" not in reason


@pytest.mark.parametrize(
    ("question", "expected"), [("import sys; sys.exit(3)", "exit code 3"), ("print('x' * 999)", "x" * 200)]
)
def test_a_torch_that_will_not_even_answer_is_no_torch(
    monkeypatch: pytest.MonkeyPatch, question: str, expected: str
) -> None:
    monkeypatch.setattr(devices, "QUESTION", question)
    torch_refusal.cache_clear()
    try:
        assert torch_refusal("cuda").endswith(expected)
        assert sys.executable not in torch_refusal("cuda")
    finally:
        torch_refusal.cache_clear()


def test_without_a_driver_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "gpu_count", lambda: 0)
    monkeypatch.setattr(devices, "torch_refusal", lambda device: pytest.fail("asked in vain"))
    assert obstacle("cuda") == "the driver shows no GPU here"
    assert ignored_gpu() == ""


def test_tf32_is_a_setting_of_gpus_alone() -> None:
    def settings(device: str) -> CostSettings:
        return CostSettings("latency", device, 1, 1, "tf32", "contiguous", (3, 64, 64))

    check_settings(settings("cuda:1"))
    with pytest.raises(ZooError, match="'tf32' is a GPU's"):
        check_settings(settings("cpu"))

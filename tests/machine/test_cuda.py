"""float32 is what its name says; the switches need no GPU, and a device of fakes shows which one is meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

import pytest
import torch

from zoo.cost.clock import CudaClock
from zoo.errors import ZooError
from zoo.machine.cuda import on_device, set_float32

FULL, SHORT = [False, False, "ieee", "ieee", "ieee", "highest"], [True, True, "tf32", "tf32", "tf32", "high"]


def switches() -> list[Any]:
    """Every one that PyTorch has; reading them raises where the older and the newer contradict each other."""
    backends: Any = torch.backends
    return [
        backends.cuda.matmul.allow_tf32,
        backends.cudnn.allow_tf32,
        backends.cuda.matmul.fp32_precision,
        backends.cudnn.conv.fp32_precision,
        backends.cudnn.rnn.fp32_precision,
        torch.get_float32_matmul_precision(),
    ]


@pytest.fixture(autouse=True)
def switches_as_they_were() -> Iterator[None]:
    backends: Any = torch.backends
    backends.fp32_precision = "none"
    torch.set_float32_matmul_precision("highest")
    backends.cudnn.allow_tf32 = True  # PyTorch's own default: convolutions are TF32
    yield
    backends.fp32_precision = "none"
    torch.set_float32_matmul_precision("highest")
    backends.cudnn.allow_tf32 = True


@pytest.fixture
def current(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The current one of some GPUs that are not there."""
    now = [0]
    monkeypatch.setattr(torch.cuda, "set_device", lambda index: now.__setitem__(0, index))
    monkeypatch.setattr(torch.cuda, "current_device", lambda: now[0])
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (8, 0))
    return now


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_float32_is_multiplied_in_full_unless_tf32_is_asked_for(current: list[int], precision: str) -> None:
    set_float32(precision)
    assert switches() == FULL
    set_float32("tf32")
    assert switches() == SHORT
    set_float32(precision)
    assert switches() == FULL


def test_a_wider_setting_of_a_model_s_module_does_not_undo_it(current: list[int]) -> None:
    backends: Any = torch.backends
    backends.fp32_precision = "tf32"
    set_float32("fp32")
    assert switches() == FULL


def test_a_gpu_without_tf32_is_said_so(current: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (7, 5))
    with pytest.raises(ZooError, match="no TF32"):
        set_float32("tf32")
    set_float32("fp32")


def test_training_and_testing_are_in_full_and_the_caller_s_settings_come_back(current: list[int]) -> None:
    before = switches()
    with suppress(ZeroDivisionError), on_device("cuda:1"):
        assert current == [1]
        assert switches() == FULL
        raise ZeroDivisionError
    assert current == [0]
    assert switches() == before
    with on_device("cpu"):
        assert switches() == before


def test_a_caller_s_mixture_comes_back_as_far_as_pytorch_tells(current: list[int]) -> None:
    backends: Any = torch.backends
    backends.cudnn.conv.fp32_precision = "ieee"
    with on_device("cuda"):
        assert switches() == FULL
    assert (backends.cudnn.conv.fp32_precision, backends.cudnn.rnn.fp32_precision) == ("ieee", "tf32")


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The devices on which something is computed now."""
    now: list[str] = []

    @contextmanager
    def watched(device: str) -> Iterator[None]:
        now.append(device)
        try:
            yield
        finally:
            now.pop()

    for module in ("regimes.cell", "regimes.pretrain", "evaluation.evaluate"):
        monkeypatch.setattr(f"zoo.{module}.on_device", watched)
    return now


def test_every_training_and_test_is_on_its_device(inside: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from zoo.evaluation import evaluate
    from zoo.regimes import cell as regimes
    from zoo.regimes import pretrain
    from zoo.regimes.strategies import STRATEGIES
    from zoo.regimes.strategies.base import Strategy, TransferJob
    from zoo.training.trainer import TrainingDivergedError

    seen: list[list[str]] = []

    def compute(*_: Any, **__: Any) -> Any:
        seen.append(list(inside))
        raise TrainingDivergedError("planted")

    STRATEGIES.register("planted", Strategy("planted", "nothing", "none", "none", compute))
    monkeypatch.setattr(pretrain, "Trainer", compute)
    monkeypatch.setattr(evaluate, "_hits", compute)
    job = TransferJob("torchvision/resnet18", None, "planted", "digits", 1, 0, None)
    anything: Any = None
    try:
        regimes.run_job(job, device="meta")
    finally:
        STRATEGIES.unregister("planted")
    pretrain.pretrain("timm/test_resnet", "digits", device="meta")
    evaluate.evaluate(anything, anything, anything, device="meta")
    assert seen == [["meta"]] * 3


class FakeEvent:
    """Remembers the streams that it was recorded on."""

    recorded: ClassVar[list[Any]] = []

    def __init__(self, enable_timing: bool = False) -> None:
        self.asked = 0

    def record(self, stream: Any = None) -> None:
        FakeEvent.recorded.append(stream)

    def elapsed_time(self, end: FakeEvent) -> float:
        return 2.0

    def query(self) -> bool:
        self.asked += 1
        return self.asked > 3


@pytest.fixture
def synchronised(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    waited: list[Any] = []
    monkeypatch.setattr(FakeEvent, "recorded", [])
    monkeypatch.setattr(torch.cuda, "Event", FakeEvent)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device=None: waited.append(device))
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device=None: f"stream of {device}")
    return waited


def test_events_are_recorded_on_the_device_that_is_timed(synchronised: list[Any]) -> None:
    wall, device = CudaClock("cuda:1").time_call(lambda: FakeEvent.recorded.append("call"))
    assert FakeEvent.recorded == ["stream of cuda:1", "call", "stream of cuda:1"]
    assert synchronised == [torch.device("cuda:1")] * 2
    assert wall > 0
    assert device == pytest.approx(0.002)


def test_a_device_is_looked_at_until_its_work_is_done(
    synchronised: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.cost.clock.PAUSE_S", 0.0)
    steps: list[str] = []
    CudaClock("cuda:1").watch(lambda: steps.append("call"), 2, lambda: steps.append("look"))
    assert steps == ["call", "call", "look", "look", "look", "look"]
    assert FakeEvent.recorded == ["stream of cuda:1"]
    assert synchronised == []  # nobody waits for the end before looking

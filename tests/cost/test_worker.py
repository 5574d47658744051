"""A worker on a GPU, with fakes for what only a GPU has: which one is meant, in what order, what is given back."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from tests.cohorts.planted import SETTINGS
from zoo.cost.engines.base import Engine
from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.cost.worker import serve as worker_module
from zoo.cost.worker.requests import FirstCall, Prepare, ReadState, Round, WarmUp
from zoo.cost.worker.serve import Worker
from zoo.machine.gpu_state import GpuState
from zoo.outcome import Status
from zoo.processes.guard import Failure

GPU = CostSettings("latency", "cuda:1", 2, 1, "tf32", "contiguous", (3, 8, 8))
PROTOCOL = Protocol(min_round_s=0.0, min_iterations=3, warmup_iterations=3)


class Model(nn.Module):
    def __init__(self, steps: list[str]) -> None:
        super().__init__()
        self.steps = steps

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.steps.append("call")
        return images.mean((2, 3))


class Clock:
    """Tenths of a second, in which queued work waits for a look."""

    def time_call(self, call: Any) -> tuple[float, float]:
        call()
        return 0.1, 0.09

    def watch(self, call: Any, calls: int, read: Any) -> None:
        for _ in range(calls):
            call()
        read()


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a worker does, in order."""
    done: list[str] = []

    def build(*_: Any) -> Model:
        done.append("build")
        return Model(done)

    def set_float32(precision: str) -> None:
        done.append(precision)

    monkeypatch.setattr(worker_module, "load_in_worker", lambda name: None)
    monkeypatch.setattr(worker_module, "ENGINES", {"eager": Engine("eager", build)})
    monkeypatch.setattr(worker_module, "make_input", lambda s: torch.ones(s.batch, *s.input_size))
    monkeypatch.setattr(worker_module, "clock_for", lambda device: Clock())
    monkeypatch.setattr(worker_module, "use", lambda device: done.append(f"use {device}"))
    monkeypatch.setattr(worker_module, "set_float32", set_float32)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: done.append("release"))
    return done


def since(steps: list[str], answer: Any) -> list[str]:
    """The steps since the last time, once an answer is there."""
    del answer
    seen = list(steps)
    steps.clear()
    return seen


def test_the_gpu_is_chosen_before_the_model_is_built_and_the_first_call_is_the_first(steps: list[str]) -> None:
    worker = Worker("mine/net", None, PROTOCOL)
    assert since(steps, worker.answer(Prepare(GPU))) == ["use cuda:1", "build", "release"]
    answer = worker.answer(FirstCall())
    assert answer == pytest.approx(0.1)
    assert since(steps, answer) == ["tf32", "call", "release"]


def test_a_process_that_was_called_before_states_no_first_call(steps: list[str]) -> None:
    worker = Worker("mine/net", None, PROTOCOL)
    worker.answer(Prepare(GPU))
    assert worker.answer(FirstCall()) is not None
    worker.answer(Prepare(CostSettings("throughput", "cuda:1", 8, 1, "tf32", "contiguous", (3, 8, 8))))
    assert worker.answer(FirstCall()) is None
    assert steps.count("build") == 1


def test_memory_goes_back_after_every_answer_and_never_between_two_calls(steps: list[str]) -> None:
    worker = Worker("mine/net", None, PROTOCOL)
    for request in (Prepare(GPU), FirstCall()):
        worker.answer(request)
    for request in (WarmUp(), Round()):
        steps.clear()
        worker.answer(request)
        assert steps == ["call"] * (len(steps) - 1) + ["release"]


def test_the_state_is_read_while_calls_are_queued_as_long_as_the_protocol_says(
    steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import contextmanager

    monkeypatch.setattr(worker_module, "driver_handle", contextmanager(lambda device: iter([device])))
    monkeypatch.setattr(worker_module, "processes", lambda handle: (3, 4))

    def clock_limits(handle: str) -> set[str]:
        steps.append(f"look at {handle}")
        return {"by heat"}

    monkeypatch.setattr(worker_module, "clock_limits", clock_limits)
    worker = Worker("mine/net", None, Protocol(min_round_s=0.0, min_iterations=3, read_state_s=0.25))
    for request in (Prepare(GPU), FirstCall(), Round()):
        worker.answer(request)
    steps.clear()
    assert worker.answer(ReadState()) == GpuState(("by heat",), (3, 4))
    assert steps == ["call"] * 3 + ["look at cuda:1", "release"]  # three calls of a tenth for a quarter


def test_a_gpu_that_fails_for_good_still_gives_its_reason(steps: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    worker = Worker("mine/net", None, PROTOCOL)
    worker.answer(Prepare(GPU))
    monkeypatch.setattr(Model, "forward", lambda self, images: broken())
    monkeypatch.setattr(torch.cuda, "empty_cache", broken)
    answer = worker.answer(FirstCall())
    assert answer == Failure(Status.FAILED, "RuntimeError: CUDA error: an illegal memory access was encountered")


def test_where_processes_are_not_forked_a_cpu_s_first_call_is_the_first_too(
    steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "CAN_FORK", False)
    worker = Worker("mine/net", None, PROTOCOL)
    threads = torch.get_num_threads()
    try:
        assert since(steps, worker.answer(Prepare(SETTINGS))) == ["build"]
        assert worker.answer(FirstCall()) == pytest.approx(0.1)
        assert steps == ["call"]
        assert len(worker.answer(Round())) == 3
    finally:
        torch.set_num_threads(threads)

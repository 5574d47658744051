"""A cohort's anchor has images it can take, and what a GPU cannot hold beside others is tried alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cohorts.planted import PlantedClock, PlantedWorker, case
from zoo.cohorts import cohort as cohort_module
from zoo.cohorts import measure
from zoo.cohorts.groups import ANCHOR, anchor_for
from zoo.cohorts.measure import measure_cost
from zoo.cost.case import HIDDEN, Case
from zoo.cost.protocol import Protocol
from zoo.cost.worker.requests import Round
from zoo.outcome import Status
from zoo.processes.guard import Failure

OOM = Failure(Status.OOM, "OutOfMemoryError: CUDA out of memory.")


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(3, 64, 64)], (3, 64, 64)),
        ([(3, 64, 64), (3, 96, 96)], (3, 224, 224)),
        ([(1, 28, 28)], (3, 224, 224)),
        ([(4, 224, 224), (4, 224, 224)], (3, 224, 224)),
    ],
    ids=["of all", "of none", "one channel", "four channels"],
)
def test_the_hidden_anchor_takes_the_images_that_it_is_given(
    sizes: list[tuple[int, int, int]], expected: tuple[int, int, int]
) -> None:
    cohort = [case(f"net{i}", input_size=size) for i, size in enumerate(sizes)]
    anchor = anchor_for(cohort, ANCHOR)
    assert anchor is not None
    assert anchor.replica == HIDDEN
    assert anchor.settings.input_size == expected


def test_images_too_small_for_the_anchor_are_not_its_own() -> None:
    anchor = anchor_for([case("net", input_size=(3, 32, 32))], "torchvision/alexnet")
    assert anchor is not None
    assert anchor.settings.input_size == (3, 224, 224)


class Gpu:
    """Memory that workers fill with their models, and fill further while they compute."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int, needs: dict[str, int]) -> None:
        self.room, self.needs = room, needs
        self.workers: list[Any] = []
        self.started: list[str] = []
        self.clock = PlantedClock()
        monkeypatch.setattr(cohort_module, "time", self.clock.module)
        monkeypatch.setattr(measure, "started", self.start)

    def start(self, started: Case, protocol: Protocol) -> Any:
        gpu, model = self, started.model.rpartition("/")[2]
        self.started.append(model)

        class Worker(PlantedWorker):
            def receive(self, timeout_s: float, doing: str) -> Any:
                held = sum(1 for worker in gpu.workers if worker.alive)
                if isinstance(self.request, Round) and held - 1 + gpu.needs.get(model, 1) > gpu.room:
                    return OOM
                answer = super().receive(timeout_s, doing)
                return measure_state() if answer is None and type(self.request).__name__ == "ReadState" else answer

        worker = Worker(self.clock, lambda _now: 0.02, protocol)
        self.workers.append(worker)
        return worker


def measure_state() -> Any:
    from zoo.machine.gpu_state import GpuState

    return GpuState()


def test_what_does_not_fit_beside_the_others_is_tried_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each model lies there with one; three of them and this one's four are more than five.
    gpu = Gpu(monkeypatch, room=5, needs={"vgg16": 4})
    cases = [case(name, device="cuda") for name in ("squeezenet1_0", "mobilenet_v2", "vgg16")]
    found = dict(measure_cost(cases, Protocol()))
    assert {s.model: outcome.status for s, outcome in found.items()} == dict.fromkeys(
        (s.model for s in cases), Status.OK
    )
    assert gpu.started.count("vgg16") == 2
    assert "no anchor" in found[cases[2]].flags
    assert "no anchor" not in found[cases[0]].flags
    assert not any(worker.alive for worker in gpu.workers)


def test_what_does_not_fit_alone_is_out_of_memory_and_the_next_setting_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gpu = Gpu(monkeypatch, room=5, needs={"vgg16": 9})
    first = [case(name, device="cuda") for name in ("squeezenet1_0", "vgg16")]
    later = case("squeezenet1_0", device="cuda", batch=2)
    found = dict(measure_cost([*first, later], Protocol()))
    assert {s.label: o.status for s, o in found.items() if s is not later} == {
        "squeezenet1_0-0": Status.OK,
        "vgg16-0": Status.OOM,
    }
    assert found[later].status == Status.OK
    assert gpu.started.count("vgg16") == 2

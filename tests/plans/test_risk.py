"""What may not fit, lasts too long for a shared cohort or was never counted is known before it is measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

import zoo
from tests.results.planted import ENVIRONMENT
from zoo.cost.protocol import Protocol
from zoo.cost.settings import CostSettings
from zoo.machine.fingerprint import Machine
from zoo.machine.prior import EFFECTIVE_MACS_PER_S, macs_per_s
from zoo.machine.yardstick import Yardstick
from zoo.plans.risk import LARGE, SLOW, UNCOUNTED, Bounds, bounds, risk
from zoo.registry.catalogue import get
from zoo.results.trial import Trial
from zoo.sources import user

MODEL = "torchvision/vgg16"
PARAMS, MACS, ACTIVATIONS = (float(getattr(get(MODEL), name) or 0) for name in ("params", "macs", "activations"))
ROOM = Bounds(bytes=1e12, seconds=1e6, macs_per_s=1e9)


def trial(**changed: object) -> Trial:
    settings = CostSettings("latency", "cpu", 1, 1, "fp32", "contiguous", (3, 224, 224))
    return Trial(MODEL, "random", replace(settings, **changed))  # type: ignore[arg-type]


def test_a_cohort_of_the_largest_and_the_slowest_that_share_one_has_room_and_time() -> None:
    machine = Machine.from_dict(ENVIRONMENT)
    protocol = Protocol(cohort_size=4, worker_memory=0.5, cohort_budget_s=60, overtime=2, least_rounds=5)
    most = bounds(protocol, machine)
    assert most.bytes * (4 + 1) == pytest.approx(0.5 * 8 * 2**30)
    assert 4 * 5 * 3 * most.seconds == pytest.approx(120)  # three calls a round
    assert most.macs_per_s == EFFECTIVE_MACS_PER_S
    timed = replace(machine, yardstick=Yardstick(3.0, 2.4))
    assert bounds(protocol, timed).macs_per_s == macs_per_s(timed.yardstick)


@pytest.mark.parametrize(
    ("changed", "needed"),
    [
        ({}, 4 * (PARAMS + ACTIVATIONS)),
        ({"batch": 8}, 4 * (PARAMS + 8 * ACTIVATIONS)),
        ({"input_size": (3, 112, 448)}, 4 * (PARAMS + ACTIVATIONS)),
        ({"input_size": (3, 448, 448)}, 4 * (PARAMS + 4 * ACTIVATIONS)),
        ({"metric": "training", "batch": 2}, 4 * (4 * PARAMS + 2 * ACTIVATIONS)),
    ],
)
def test_memory_is_that_of_parameters_and_all_outputs(changed: dict[str, object], needed: float) -> None:
    assert risk(trial(**changed), replace(ROOM, bytes=1.001 * needed)) == ""
    assert risk(trial(**changed), replace(ROOM, bytes=0.999 * needed)) == LARGE


@pytest.mark.parametrize(
    ("changed", "macs"),
    [
        ({}, MACS),
        ({"batch": 8, "threads": 2}, 5 * MACS),
        ({"input_size": (3, 448, 448)}, 4 * MACS),
        ({"metric": "training"}, 3 * MACS),
    ],
)
def test_time_is_that_of_the_calls_macs(changed: dict[str, object], macs: float) -> None:
    assert risk(trial(**changed), replace(ROOM, seconds=1.001 * macs / 1e9)) == ""
    assert risk(trial(**changed), replace(ROOM, seconds=0.999 * macs / 1e9)) == SLOW


def test_of_a_gpu_neither_memory_nor_speed_is_known() -> None:
    assert risk(trial(device="cuda"), Bounds(1.0, 1e-9, 1.0)) == ""


def test_what_cannot_be_counted_or_is_unknown_is_no_ones_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "_REGISTERED", {})

    @zoo.register("mine/broken", input_size=(3, 32, 32))
    def broken(num_classes: int = 1000) -> object:
        raise RuntimeError("planted")

    for name in ("mine/broken", "mine/gone"):
        assert risk(replace(trial(), model=name), ROOM) == UNCOUNTED

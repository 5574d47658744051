"""Energy of an image, where the machine counts it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from zoo.cost.metrics.base import Metric
from zoo.machine.energy import counter_for
from zoo.outcome import ReasonError
from zoo.statistics.quantity import Quantity

if TYPE_CHECKING:
    from zoo.cost.settings import CostSettings


POWER = Quantity("power_w", "power beyond idle", "W", "lower")
IDLE = Quantity("idle_w", "idle power", "W", "lower")

IDLE_S, BUSY_S = 0.5, 1.0
"""How long nothing runs, and how long the model at least; counters move every few milliseconds."""


def energy(model: Any, images: Any, settings: CostSettings) -> dict[str, float]:
    """Joules an image beyond those of the idle machine, measured just before."""
    import torch

    counter = counter_for(settings.device)
    if counter is None:
        raise ReasonError("no counter of energy can be read here (RAPL of the CPU, NVML of a GPU)")

    def wait() -> None:
        if settings.device != "cpu":
            torch.cuda.synchronize(settings.device)

    wait()
    begun, start = counter.read(), time.perf_counter()
    time.sleep(IDLE_S)
    idle = counter.since(begun) / (time.perf_counter() - start)
    begun, start, calls = counter.read(), time.perf_counter(), 0
    while time.perf_counter() - start < BUSY_S:
        model(images)
        wait()
        calls += 1
    seconds, taken = time.perf_counter() - start, counter.since(begun)
    beyond = taken - idle * seconds
    return {
        "energy_j": beyond / (calls * settings.batch),
        POWER.key: beyond / seconds,
        IDLE.key: idle,
    }


ENERGY = Metric(
    "energy",
    Quantity(
        "energy_j", "energy an image", "J", "lower", words=("LESS", "MORE"), hint="Joules an image.", example="0.5"
    ),
    (POWER, IDLE),
    at_batches=True,
    threads="throughput_threads",
    take=energy,
)

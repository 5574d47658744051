"""Workers that answer from a script, and a clock that moves only when they compute."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from zoo.cost.case import Case
from zoo.cost.protocol import Protocol
from zoo.cost.rounds import collect_round, warm_up
from zoo.cost.settings import CostSettings
from zoo.cost.worker.requests import Compare, Compared, CountMacs, FirstCall, Prepare, ReadState, Round, WarmUp
from zoo.machine.gpu_state import GpuState
from zoo.outcome import Status
from zoo.processes.guard import Failure

SETTINGS = CostSettings("latency", "cpu", 1, 1, "fp32", "contiguous", (3, 64, 64))


class PlantedClock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    @property
    def module(self) -> Any:
        """What stands in for the module ``time``."""
        return SimpleNamespace(monotonic=self.monotonic, time=lambda: 1.8e9 + self.now)


class PlantedWorker:
    """Answers as a worker does, its calls lasting what ``seconds`` says at the clock's time.

    With a ``value`` it answers rounds of a metric that times no calls.
    """

    def __init__(
        self,
        clock: PlantedClock,
        seconds: Callable[[float], float],
        protocol: Protocol,
        *,
        fails_in: type | None = None,
        fails_after: int = 0,
        failure: Failure | None = None,
        gpu: GpuState | None = None,
        pid: int = 1,
        value: Callable[[], float] | None = None,
        difference: float | None = None,
        classes: tuple[int, int] = (0, 0),
        compared: dict[str, bool] | None = None,
    ) -> None:
        self.clock, self.seconds, self.protocol = clock, seconds, protocol
        self.fails_in, self.left = fails_in, fails_after
        self.failure = failure or Failure(Status.FAILED, "RuntimeError: planted")
        self.gpu, self.pid, self.alive = gpu, pid, True
        self.closed = False
        self.value = value
        self.difference, self.classes, self.compared = difference, classes, compared or {}
        self.asked: list[type] = []

    def send(self, request: Any) -> None:
        self.request = request

    def receive(self, timeout_s: float, doing: str) -> Any:
        self.asked.append(type(self.request))
        if type(self.request) is self.fails_in:
            if self.left == 0:
                return self.failure
            self.left -= 1
        if isinstance(self.request, Prepare):
            return None
        if isinstance(self.request, CountMacs):
            return 4.2e6
        if isinstance(self.request, Compare):
            return None if self.difference is None else Compared(self.difference, *self.classes, **self.compared)
        if isinstance(self.request, FirstCall):
            first = FirstCall not in self.asked[:-1]
            seconds = self.call()[0]
            return seconds if first else None
        if isinstance(self.request, WarmUp):
            return warm_up(self.call, self.protocol)
        if isinstance(self.request, ReadState):
            return self.gpu
        assert isinstance(self.request, Round)
        if self.value is not None:
            self.call()
            return self.value()
        return collect_round(self.call, self.protocol)

    def ask(self, request: Any, timeout_s: float, doing: str) -> Any:
        self.send(request)
        return self.receive(timeout_s, doing)

    def close(self) -> None:
        self.closed, self.alive = True, False

    def call(self) -> tuple[float, float | None]:
        taken = self.seconds(self.clock.now)
        self.clock.now += taken
        return taken, None


def noisy(base_s: float, spread: float, seed: int, drift_per_s: float = 0.0) -> Callable[[float], float]:
    """Log-normal times around ``base_s`` that rise by a fraction each second, as a machine that warms up."""
    generator = random.Random(seed)
    return lambda now: base_s * (1 + drift_per_s * now) * generator.lognormvariate(0, spread)


def case(name: str, replica: int = 0, **changed: Any) -> Case:
    return Case(f"{name}-{replica}", f"torchvision/{name}", None, replace(SETTINGS, **changed, replica=replica))

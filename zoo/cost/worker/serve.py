"""The process that holds one model and measures it when asked."""

from __future__ import annotations

import contextlib
import gc
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from zoo.cost.clock import clock_for
from zoo.cost.engines import ENGINES
from zoo.cost.engines.builder import Builder
from zoo.cost.engines.module import ForkDiedError
from zoo.cost.inputs import make_input
from zoo.cost.metrics import METRICS
from zoo.cost.rounds import collect_round, warm_process, warm_up
from zoo.cost.worker.outputs import Expected, check_output, compared_with, expected_outputs
from zoo.cost.worker.relocation import Relocator
from zoo.cost.worker.requests import (
    Compare,
    Compared,
    CountMacs,
    FirstCall,
    Prepare,
    ReadState,
    Request,
    Round,
    Several,
    WarmUp,
)
from zoo.machine.cuda import set_float32, use
from zoo.machine.gpu_state import GpuState, clock_limits, driver_handle, processes
from zoo.models.macs import counted_macs
from zoo.outcome import ReasonError
from zoo.processes.answer import answer_requests
from zoo.processes.fork import CAN_FORK, run_in_child
from zoo.processes.guard import Failure, guarded
from zoo.sources.user import load_in_worker
from zoo.statistics.intervals import median

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from zoo.cost.engines.base import Engine
    from zoo.cost.metrics.base import Metric, Taken
    from zoo.cost.protocol import Protocol
    from zoo.cost.settings import CostSettings
    from zoo.cost.worker.requests import Times
    from zoo.processes.fork import Died


def serve(pipe: Connection, model: str, weights: str | Path | None, protocol: Protocol) -> None:
    """Answer requests until the pipe closes."""
    worker = Worker(model, weights, protocol)
    answer_requests(pipe, lambda request, _step: worker.answer(request))


class Worker:
    """A model, kept from one request to the next.

    On a CPU each request is answered by a child of this process, which holds the model and never calls it: every
    round is then a process of its own, and what such a process adds to a time differs from round to round instead
    of sticking to a model; see docs/measuring.md#a-process-a-round.
    """

    def __init__(self, model: str, weights: str | Path | None, protocol: Protocol) -> None:
        self._name = model
        self._weights = weights
        self._protocol = protocol
        self._built: tuple[object, ...] | None = None
        self._expected: Expected | None = None
        self._compared: Any = None
        self._settings: CostSettings | None = None
        self._engine: Engine | None = None
        self._metric: Metric | None = None
        self._model: Any = None
        self._images: Any = None
        self._timed: Callable[[], Any] | None = None
        self._clock: Any = None
        self._macs: dict[tuple[tuple[int, int, int], str], float | None] = {}
        self._called = False
        self._call_s = math.inf
        self._relocator = Relocator()

    def answer(self, request: Request) -> Any:
        """What came of a request, a failure of any kind included."""
        if isinstance(request, CountMacs):
            return self._count()
        if isinstance(request, Compare):
            return self._compare()
        if isinstance(request, Prepare):
            answer = guarded(lambda: self._prepare(request.settings))
        elif self._forks:
            return run_in_child(lambda: guarded(lambda: self._answer_afresh(request)))
        else:
            answer = guarded(lambda: self._answer(request))
        if isinstance(answer, Failure):
            # Here, where no traceback holds the tensors of the failed call any longer.
            self._model = self._images = self._timed = self._built = None
            gc.collect()
        if self._on_gpu:
            _release_gpu_memory()
        return answer

    @property
    def _forks(self) -> bool:
        return CAN_FORK and not self._on_gpu and (self._engine is None or self._engine.forks)

    @property
    def _on_gpu(self) -> bool:
        return self._settings is not None and self._settings.device != "cpu"

    def _prepare(self, settings: CostSettings) -> Died | None:
        """Build the model, unless it is there, and say so where a child of this process ended meanwhile.

        In one thread, so that a child may have threads of its own.
        """
        import torch

        self._settings = settings
        self._metric = METRICS.get(settings.metric)
        self._engine = ENGINES.get(settings.engine)
        built = None if self._metric.take_afresh else (*self._engine.built_for(settings), self._metric.trains)
        if self._built == built is not None:
            return None
        self._engine.check(settings, trains=self._metric.trains)
        if settings.device == "cpu":
            torch.set_num_threads(1)
        else:
            use(settings.device)
        load_in_worker(self._name)
        if built is None:  # each round builds its own
            return None
        self._expected = self._compared = None
        if not settings.is_reference:
            expected = self._aside(lambda: expected_outputs(self._builder(settings), self._protocol))
            self._expected = expected if isinstance(expected, Expected) else None
        try:
            self._model = self._builder(settings)()
        except ForkDiedError as error:
            return error.died
        self._built = built
        return None

    def _builder(self, settings: CostSettings) -> Builder:
        assert self._engine is not None
        return Builder(self._name, self._weights, settings, self._engine)

    def _count(self) -> float | None:
        """MACs of one image, None where they cannot be counted."""
        assert self._settings is not None
        size, form = asked = self._settings.input_size, self._settings.form
        if asked not in self._macs:
            answer = self._aside(lambda: counted_macs(self._name, size, form))
            self._macs[asked] = answer if isinstance(answer, float) else None
        return self._macs[asked]

    def _aside(self, work: Callable[[], Any]) -> Any:
        """What ``work`` returns or its failure, in a fork where there can be one.

        So that this process is as it was.
        """
        return run_in_child(lambda: guarded(work)) if self._forks else guarded(work)

    def _compare(self) -> Any:
        """What is :class:`Compared`, None where there is nothing to hold outputs against."""
        settings, expected = self._settings, self._expected
        assert settings is not None
        if self._built is None or expected is None or expected.input_size != settings.input_size:
            return None
        if self._compared is None:
            builder = self._builder(settings)
            self._compared = self._aside(lambda: compared_with(expected, self._model, builder, self._protocol))
        found = self._compared
        told = isinstance(found, Compared) and math.isfinite(found.difference)
        return found if told or isinstance(found, Failure) else None

    def _answer_afresh(self, request: Request) -> Any:
        """Answer as a process that was never asked before.

        Its first calls are not a round's to record.
        """
        if self._metric is not None and self._metric.take_afresh is not None:
            return self._answer(request)
        self._move(Relocator())  # a new one: forks of an old one would all draw the same places
        if isinstance(request, FirstCall):
            return self._first_call()
        first = self._first_call() or 0.0
        slow = first >= self._protocol.round_s
        if isinstance(request, Round) and self._metric is not None and self._metric.timed and not slow:
            warm_process(self._time_call, self._protocol)
        return self._answer(request)

    def _answer(self, request: Request) -> Any:
        if isinstance(request, FirstCall):
            return self._first_call()
        if isinstance(request, WarmUp):
            return warm_up(self._time_call, self._protocol)
        if isinstance(request, ReadState):
            return self._read_state()
        if not self._on_gpu and not self._forks:
            self._move(self._relocator)
        return self._round()

    def _round(self) -> Times | float | Several:
        metric, settings = self._metric, self._settings
        assert metric is not None
        assert settings is not None
        if metric.take_afresh is not None:
            return self._told(metric.take_afresh(self._builder(settings), settings))
        if metric.take is not None:
            return self._told(metric.take(self._model, self._images, settings))
        parts: dict[str, list[float]] = {}

        def time_call() -> tuple[float, float | None]:
            taken = self._time_call()
            for key, seconds in getattr(self._timed, "parts", {}).items():
                parts.setdefault(key, []).append(seconds)
            return taken

        times = collect_round(time_call, self._protocol)
        self._call_s = median([wall for wall, _ in times])
        # As of the calls themselves, the one before them is not a round's to record.
        others = {key: 1000 * median(seconds[1:]) for key, seconds in parts.items()}
        return Several(times, others) if others else times

    def _told(self, taken: Taken) -> float | Several:
        """What a metric gave, as numbers that are finite."""
        assert self._metric is not None
        key = self._metric.quantity.key
        told = {name: float(value) for name, value in taken.items()} if isinstance(taken, Mapping) else None
        every = {key: float(taken)} if told is None else told  # type: ignore[arg-type]
        if key not in every:
            raise ReasonError(f"metric {self._metric.name!r} gave no {key}")
        for value in every.values():
            if not math.isfinite(value):
                raise ReasonError(f"metric {self._metric.name!r} gave {value}")
        value = every.pop(key)
        return Several(value, every) if every else value

    def _move(self, relocator: Relocator) -> None:
        import torch

        if isinstance(self._model, torch.nn.Module):  # an engine may make something else
            relocator.move(self._model)

    def _first_call(self) -> float | None:
        """Seconds of the process's first call, None if it was called before, or has no model yet.

        The output is checked.
        """
        import torch

        assert self._settings is not None
        assert self._metric is not None
        torch.set_num_threads(self._settings.threads)
        if self._on_gpu:
            set_float32(self._settings.precision)  # here, since a model's module may have set it otherwise
        if self._metric.take_afresh is not None:
            return None
        self._images = make_input(self._settings)
        self._clock = clock_for(self._settings.device)
        make = self._metric.make_call
        self._timed = None if make is None else make(self._model, self._images, self._settings)
        outputs: list[Any] = []
        seconds, _ = self._clock.time_call(lambda: outputs.append(self._call()))
        check_output(outputs[0], self._settings.batch)
        first, self._called = not self._called, True
        return float(seconds) if first else None

    def _read_state(self) -> GpuState:
        assert self._settings is not None
        if self._clock is None:  # of a metric that builds its own models
            return GpuState()
        limits: set[str] = set()
        with driver_handle(self._settings.device) as handle:
            if handle is None:
                return GpuState()
            calls = max(1, math.ceil(self._protocol.read_state_s / self._call_s))
            self._clock.watch(self._call, calls, lambda: limits.update(clock_limits(handle)))
            return GpuState(tuple(sorted(limits)), processes(handle))

    def _call(self) -> Any:
        return self._model(self._images) if self._timed is None else self._timed()

    def _time_call(self) -> tuple[float, float | None]:
        return self._clock.time_call(self._call)  # type: ignore[no-any-return]


def _release_gpu_memory() -> None:
    """Give back what freed tensors held.

    The next model of the cohort may need it, and nothing is timed now.
    """
    import torch

    with contextlib.suppress(RuntimeError):  # after an error that ended CUDA here, whose answer is on its way
        torch.cuda.empty_cache()

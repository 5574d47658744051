"""The process that holds one model and times its calls when told to (the child's side)."""

from __future__ import annotations

import copy
import ctypes
import gc
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.statistics.outcome import Status

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from zoo.cost.protocol import Protocol
    from zoo.cost.settings import CostSettings

CPU_ALLOCATOR = "DefaultCPUAllocator: can't allocate memory"
"""How PyTorch says on a CPU that memory is exhausted; any other RuntimeError is a failure."""


@dataclass(frozen=True, slots=True)
class Prepare:
    """Be ready to time ``settings``: threads, model, input, first call."""

    settings: CostSettings


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Call until warm."""


@dataclass(frozen=True, slots=True)
class Round:
    """Time one round."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request could not be answered."""

    status: Status
    reason: str


def serve(pipe: Connection, model: str, weights: str | None, protocol: Protocol) -> None:
    """Answer requests until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    _die_with_parent()
    worker = _Worker(model, weights, protocol)
    while True:
        try:
            request = pipe.recv()
        except (EOFError, ConnectionError):
            return
        try:
            pipe.send(worker.answer(request))
        except (BrokenPipeError, ConnectionError):
            return


class _Worker:
    """A model and its input, kept from one request to the next."""

    def __init__(self, model: str, weights: str | None, protocol: Protocol) -> None:
        self._name = model
        self._weights = weights
        self._protocol = protocol
        self._built: tuple[str, str, str] | None = None
        self._model: Any = None
        self._images: Any = None
        self._clock: Any = None

    def answer(self, request: Prepare | WarmUp | Round) -> Any:
        """What came of a request; a failure of any kind is an answer too."""
        import torch

        try:
            with torch.inference_mode():
                return self._answer(request)
        except torch.OutOfMemoryError as error:
            failure = Failure(Status.OOM, _line(error))
        except MemoryError as error:
            failure = Failure(Status.OOM, _line(error))
        except Exception as error:  # noqa: BLE001 - the model is anybody's code; its error is its row
            status = Status.OOM if CPU_ALLOCATOR in str(error) else Status.FAILED
            failure = Failure(status, _line(error))
        # Outside the handler, where the traceback no longer holds the tensors of the failed call.
        self._model = self._images = self._built = None
        gc.collect()
        return failure

    def _answer(self, request: Prepare | WarmUp | Round) -> Any:
        from zoo.cost.rounds import collect_round, warm_up

        if isinstance(request, Prepare):
            return self._prepare(request.settings)
        if isinstance(request, WarmUp):
            return warm_up(self._time_call, self._protocol)
        on_gpu = self._images.is_cuda
        return collect_round(self._time_call, self._protocol, None if on_gpu else self._move_in_memory)

    def _move_in_memory(self) -> None:
        """Lay parameters, input and activations out anew, on other pages of physical memory.

        Where the kernel happens to put them decides which of them fall on each other in the caches: two
        processes with the same model differed by up to a third for as long as they lived. Drawn anew
        several times a round, the placement is noise that rounds average and the interval carries.
        """
        self._model = copy.deepcopy(self._model)
        self._images = self._images.clone()
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim"):  # glibc: what was freed goes back, so that the next is other memory
            library.malloc_trim(0)

    def _time_call(self) -> tuple[float, float | None]:
        return self._clock.time_call(lambda: self._model(self._images))  # type: ignore[no-any-return]

    def _prepare(self, settings: CostSettings) -> float:
        import torch

        from zoo.cost.building import build, make_input
        from zoo.cost.clock import clock_for
        from zoo.registry.user import load_user_models

        torch.set_num_threads(settings.threads)
        built = (settings.device, settings.precision, settings.memory_format)
        if self._built != built:
            if settings.device == "cpu":
                _limit_memory(self._protocol.worker_memory)
            load_user_models()
            with torch.inference_mode(False):
                self._model = build(self._name, self._weights, settings)
            self._built = built
        self._images = make_input(settings)
        self._clock = clock_for(settings.device)
        outputs: list[Any] = []
        seconds, _ = self._clock.time_call(lambda: outputs.append(self._model(self._images)))
        _check_output(outputs[0], settings.batch)
        return float(seconds)


def _check_output(output: Any, batch: int) -> None:
    import torch

    if not isinstance(output, torch.Tensor):
        raise TypeError(f"forward returned {type(output).__name__} instead of a tensor")
    if output.shape[:1] != (batch,):
        raise ValueError(f"forward returned shape {tuple(output.shape)} for a batch of {batch}")
    if not bool(torch.isfinite(output).all()):
        kind = "NaN" if bool(torch.isnan(output).any()) else "infinite values"
        raise ValueError(f"forward returned {kind} for normally distributed images")


def _line(error: BaseException) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()] or [""]
    # PyTorch puts the place in its own C++ before the message.
    message = next((line for line in lines if CPU_ALLOCATOR in line), lines[0])
    text = f"{type(error).__name__}: {message}".rstrip(": ")
    return text if len(text) <= 200 else text[:197] + "..."


def _limit_memory(fraction: float) -> None:
    """Bound private memory, so that a model that exhausts it gets an error and the machine lives on."""
    import resource

    from zoo.cost.machine_state import memory_total

    limit = int(memory_total() * fraction)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))


def _die_with_parent() -> None:
    """Ask the kernel to end this process with its parent, even if it hangs in a call."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)

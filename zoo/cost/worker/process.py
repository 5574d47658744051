"""A worker as the parent sees it: started, asked, waited for with a limit, ended."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from typing import TYPE_CHECKING, Any

from zoo.cost.worker.serve import serve
from zoo.machine.memory import oom_kills
from zoo.outcome import Status
from zoo.processes.fork import CAN_FORK, Died
from zoo.processes.guard import Failure
from zoo.processes.script import check_exit, script_left_out
from zoo.registry.sources.user import registered_here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext, SpawnContext
    from multiprocessing.process import BaseProcess

    from zoo.cost.protocol import Protocol


class WorkerProcess:
    """One process that holds one model; the parent blocks on its pipe and never polls.

    Where processes can be forked, all of a run are forks of one that has imported the libraries: they start
    soon, and the libraries lie at the same addresses in each, so that no model has the better ones.
    """

    def __init__(self, model: str, weights: str | None, protocol: Protocol, device: str = "cpu") -> None:
        self._protocol = protocol
        self._oom_kills = oom_kills()
        # A GPU's driver does not survive a fork, whoever may have woken it: its workers start from nothing.
        forked = CAN_FORK and device == "cpu"
        context = _context(forked)
        # Threads of an idle worker must sleep: the default is to spin for a while, on the next model's cores.
        # Where each round is a process its threads end with it, and wait as they do in anybody's program:
        # sleeping ones made two threads up to 2.5 times as slow (MobileNetV2: 20.7 ms for 8.3).
        waiting = {} if forked else {"OMP_WAIT_POLICY": "PASSIVE"}
        self._pipe: Connection
        self._pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=serve,
            args=(theirs, model, weights, protocol, dict(os.environ) | waiting),
            daemon=True,
            name=f"zoo-cost {model}",
        )
        with script_left_out(bool(registered_here())), _environment(**waiting):
            self._process.start()
        theirs.close()
        self._alive = True

    @property
    def pid(self) -> int | None:
        """Of the process, while it lives."""
        return self._process.pid if self._alive else None

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._alive

    def send(self, request: Any) -> None:
        """Ask, without waiting."""
        if self._alive:
            # A dead worker's end shows when the answer is waited for.
            with contextlib.suppress(BrokenPipeError, ConnectionError):
                self._pipe.send(request)

    def receive(self, timeout_s: float, doing: str) -> Any:
        """The answer, or the :class:`Failure` that came instead: silence, death, or the model's own error."""
        if not self._alive:
            return Failure(Status.FAILED, "the worker had already ended")
        deadline = time.monotonic() + timeout_s
        try:
            if not self._pipe.poll(max(0.0, deadline - time.monotonic())):
                self.close()
                return Failure(Status.TIMEOUT, f"no answer within {timeout_s:g} s {doing}; the worker was ended")
            answer = self._pipe.recv()
        except (EOFError, ConnectionError):
            return self._obituary(doing)
        if isinstance(answer, Died):
            return self._cause(answer.exit_code, doing)
        return answer

    def ask(self, request: Any, timeout_s: float, doing: str) -> Any:
        """:meth:`send`, then :meth:`receive`."""
        self.send(request)
        return self.receive(timeout_s, doing)

    def close(self) -> None:
        """End the process at once; safe to call twice."""
        if self._alive:
            self._alive = False
            self._pipe.close()
            self._process.kill()
            self._process.join()
            self._process.close()

    def _obituary(self, doing: str) -> Failure:
        self._process.join(10)
        code = self._process.exitcode
        self.close()
        check_exit(code)
        return self._cause(code, doing)

    def _cause(self, code: int | None, doing: str) -> Failure:
        if code is not None and code < 0:
            number = -code
            kills = oom_kills()
            exhausted = kills is not None and self._oom_kills is not None and kills > self._oom_kills
            if number == signal.SIGKILL and exhausted:
                return Failure(Status.OOM, f"the kernel killed the worker {doing}: memory was exhausted")
            name = signal.Signals(number).name
            return Failure(Status.FAILED, f"the worker was killed by signal {number} ({name}) {doing}")
        return Failure(Status.FAILED, f"the worker ended with exit code {code} {doing}")


def _context(forked: bool) -> SpawnContext | ForkServerContext:
    if not forked:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["zoo.cost.worker.preload"])
    return context


@contextlib.contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

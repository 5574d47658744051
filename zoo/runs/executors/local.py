"""A child process that trains and probes: what hangs or dies there becomes an outcome here."""

from __future__ import annotations

import multiprocessing
import signal
import time
from typing import TYPE_CHECKING, Any

from zoo.outcome import Outcome, Status
from zoo.processes.script import check_exit, script_left_out
from zoo.registry.sources.user import registered_here
from zoo.runs.jobs.training import PretrainRequest, TransferRequest, answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess


START_TIMEOUT_S = 120.0
"""Importing torch takes seconds; a child that is silent for this long will not come."""


class JobProcess:
    """One spawned process that answers requests in order; it is replaced when it dies.

    The parent blocks on the pipe. A child ends with its parent, since its pipe closes.
    """

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._fresh = True

    def run(
        self,
        request: TransferRequest | PretrainRequest,
        *,
        timeout_s: float,
        on_step: Callable[[int, int], None] | None = None,
    ) -> Outcome:
        """Send ``request`` and wait for its outcome; a hang or a death is an outcome too.

        Raises
        ------
        ZooError
            What the job raised as the user's to mend, such as too few images for the shots.
        """
        from zoo.errors import ZooError

        started = time.time()
        clock = time.monotonic()
        pipe = self._start()
        deadline = clock + timeout_s + (START_TIMEOUT_S if self._fresh else 0.0)
        self._fresh = False
        try:
            pipe.send(request)
            while True:
                if not pipe.poll(max(0.0, deadline - time.monotonic())):
                    self.close()
                    reason = f"no answer within {timeout_s:g} s; the process was ended"
                    return _ended(Status.TIMEOUT, reason, started, clock)
                kind, body = pipe.recv()
                if kind == "step":
                    if on_step is not None:
                        on_step(*body)
                elif kind == "error":
                    raise ZooError(body)
                else:
                    outcome: Outcome = body
                    return outcome
        except (EOFError, ConnectionError):
            return _ended(Status.FAILED, self._cause_of_death(), started, clock)

    def close(self) -> None:
        """End the child at once; safe to call twice."""
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._process = None

    def _start(self) -> Connection:
        if self._process is not None and self._process.is_alive() and self._pipe is not None:
            return self._pipe
        self.close()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), daemon=True, name="zoo-transfer")
        with script_left_out(bool(registered_here())):
            self._process.start()
        theirs.close()
        self._fresh = True
        return self._pipe

    def _cause_of_death(self) -> str:
        assert self._process is not None
        self._process.join(10)
        code = self._process.exitcode
        self.close()
        check_exit(code)
        if code is not None and code < 0:
            return f"the process was killed by signal {-code} ({signal.Signals(-code).name})"
        return f"the process ended without an answer (exit code {code})"


def _ended(status: Status, reason: str, started: float, clock: float) -> Outcome:
    return Outcome(status, reason, started=started, duration_s=time.monotonic() - clock)


def serve(pipe: Connection) -> None:
    """Answer requests until the pipe closes (the child's side)."""
    # Ctrl-C reaches the whole process group; the parent decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from zoo.errors import ZooError
    from zoo.machine.allocator import keep_freed_memory

    keep_freed_memory()
    while True:
        try:
            request = pipe.recv()
        except (EOFError, ConnectionError):
            return
        try:
            reply: tuple[str, Any] = ("outcome", answer(request, pipe))
        except ZooError as error:
            reply = ("error", str(error))
        except BrokenPipeError:
            return
        try:
            pipe.send(reply)
        except (BrokenPipeError, ConnectionError):
            return

"""A child process that trains and probes: what hangs or dies there becomes an outcome here."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.cost.spawning import check_exit, script_left_out
from zoo.statistics.outcome import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from zoo.runs.transfer_plan import PlannedPretraining
    from zoo.transfer.regimes import TransferJob

START_TIMEOUT_S = 120.0
"""Importing torch takes seconds; a child that is silent for this long will not come."""


@dataclass(frozen=True)
class TransferRequest:
    """Run one transfer job on a device with so many CPU threads."""

    job: TransferJob
    device: str
    threads: int


@dataclass(frozen=True)
class PretrainRequest:
    """Train one backbone on an embedded task and register the weights."""

    planned: PlannedPretraining
    threads: int


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
        with script_left_out():
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
    from zoo.cost.memory import keep_freed_memory
    from zoo.errors import ZooError

    keep_freed_memory()
    while True:
        try:
            request = pipe.recv()
        except (EOFError, ConnectionError):
            return
        try:
            answer: tuple[str, Any] = ("outcome", _answer(request, pipe))
        except ZooError as error:
            answer = ("error", str(error))
        except BrokenPipeError:
            return
        try:
            pipe.send(answer)
        except (BrokenPipeError, ConnectionError):
            return


def _model(request: TransferRequest | PretrainRequest) -> str | None:
    """What a request needs built; nothing for the control without a model."""
    if isinstance(request, PretrainRequest):
        return request.planned.model
    return None if request.job.strategy == "pixels" else request.job.model


def _answer(request: TransferRequest | PretrainRequest, pipe: Connection) -> Outcome:
    def step(done: int, total: int) -> None:
        try:
            pipe.send(("step", (done, total)))
        except (BrokenPipeError, ConnectionError):
            os._exit(1)  # the parent is gone: nobody waits for what would be trained from here on

    import torch

    from zoo.registry.user import load_in_worker

    load_in_worker(_model(request))
    torch.set_num_threads(request.threads)
    if isinstance(request, PretrainRequest):
        from zoo.transfer.pretrain import pretrain

        planned = request.planned
        return pretrain(planned.model, task=planned.task, input_size=planned.input_size, on_progress=step)[1]
    from zoo.transfer.regimes import run_job

    return run_job(request.job, device=request.device, threads=request.threads, on_progress=step)

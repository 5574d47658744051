"""A child process that trains and probes: what hangs or dies there becomes an outcome here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zoo.outcome import Outcome
from zoo.plugins import registered_here as parts_registered_here
from zoo.processes.child import Child, answer_requests
from zoo.processes.guard import Failure
from zoo.registry.sources.user import registered_here
from zoo.runs.jobs.training import PretrainRequest, TransferRequest, answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


START_TIMEOUT_S = 120.0
"""Importing torch takes seconds; a child that is silent for this long will not come."""

MEMORY = 0.9
"""Fraction of the machine's memory that a training on the CPU may fill: beyond it the kernel chooses whom to kill."""


class JobProcess:
    """One spawned process that answers requests in order; it is replaced when it dies."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self._memory: float | None = None

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
        started, clock = time.time(), time.monotonic()
        child = self._child_for(request)
        came: Outcome | Failure = child.ask(request, timeout_s, on_step=on_step)
        if isinstance(came, Failure):
            return Outcome(came.status, came.reason, started=started, duration_s=time.monotonic() - clock)
        return came

    def close(self) -> None:
        """End the child at once; safe to call twice."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _child_for(self, request: TransferRequest | PretrainRequest) -> Child:
        """The child that is there, or a new one where it has ended or may fill too little memory."""
        # What a GPU's driver maps into a process is no memory that it fills.
        on_gpu = isinstance(request, TransferRequest) and request.device != "cpu"
        memory = None if on_gpu else MEMORY
        if self._child is not None and self._child.alive and (self._memory is None or memory is not None):
            return self._child
        self.close()
        self._memory = memory
        self._child = Child(
            serve,
            name="zoo-transfer",
            script_needed=bool(registered_here() or parts_registered_here()),
            memory=memory,
            start_timeout_s=START_TIMEOUT_S,
        )
        return self._child


def serve(pipe: Connection) -> None:
    """Answer requests until the pipe closes (the child's side)."""
    answer_requests(pipe, answer)

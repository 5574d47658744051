"""A child in which jobs run: what hangs or dies is an outcome."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import ScriptError, ZooError, ZooWarning
from zoo.executors.events import Message, StepProgress, TrialStarted
from zoo.outcome import Outcome, outcome_of
from zoo.plugins import load
from zoo.plugins import registered_here as parts_registered_here
from zoo.processes.answer import answer_requests
from zoo.processes.child import Child
from zoo.processes.guard import Failure
from zoo.sources.user import registered_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from typing import TextIO

    from zoo.executors.events import Event
    from zoo.executors.job import Job
    from zoo.results.trial import Trial


START_TIMEOUT_S = 120.0
"""Importing torch takes seconds; a child that is silent for this long will not come."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child sends: the outcome, and what it would have warned of."""

    outcome: Outcome
    warnings: tuple[str, ...] = ()


class JobProcess:
    """One process that runs jobs in order, replaced where need be."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self._memory: float | None = None
        self._name = ""

    def run(self, job: Job, say: Callable[[Event], None]) -> Iterator[tuple[Trial, Outcome]]:
        """Run a job, in the process or with processes of its own, and tell of it.

        Raises
        ------
        ScriptError
            Where no process can import the user's script.
        ZooError
            What a job whose refusals end the run found to be the user's to mend.
        """
        if job.message:
            say(Message(job.message))
        single = job.trials[0] if len(job.trials) == 1 else None
        say(TrialStarted(single, job.label))
        if job.OWN_PROCESSES:
            self.close()
            yield from load(job.RUNNER)(job, say)
        else:
            outcome = self.ask(job, lambda done, total: say(StepProgress(job.label, done, total)))
            yield job.trials[0], outcome

    def ask(self, job: Job, on_step: Callable[[int, int], None] | None = None) -> Outcome:
        """Send a job and wait for its outcome.

        A hang or a death is an outcome too.

        Raises
        ------
        ScriptError, ZooError
            As :meth:`run`.
        """
        started, clock = time.time(), time.monotonic()
        assert job.timeout_s is not None
        try:
            came: Answer | Failure = self._child_for(job).ask(job, job.timeout_s, on_step=on_step)
        except ScriptError:
            raise
        except ZooError as error:
            if job.REFUSALS_END:
                raise
            return outcome_of(error, started, 0.0)
        if isinstance(came, Failure):
            return Outcome(came.status, came.reason, started=started, duration_s=time.monotonic() - clock)
        for text in came.warnings:
            warnings.warn(text, ZooWarning, stacklevel=2)
        return came.outcome

    def close(self) -> None:
        """End the child at once, if there is one."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _child_for(self, job: Job) -> Child:
        """The child that is there, or a new one for another model or device."""
        roomy = self._memory is None or job.memory is not None
        if self._child is not None and self._child.alive and roomy and job.process in ("", self._name):
            return self._child
        self.close()
        self._memory, self._name = job.memory, job.process
        self._child = Child(
            serve,
            name="zoo-job",
            script_needed=bool(registered_here() or parts_registered_here()),
            memory=job.memory,
            start_timeout_s=START_TIMEOUT_S,
        )
        return self._child


def serve(pipe: Connection) -> None:
    """Run jobs until the pipe closes (the child's side)."""
    answer_requests(pipe, answer)


def answer(job: Job, step: Callable[[int, int], None]) -> Answer:
    """What came of a job, with what it would have warned of."""
    warned: list[str] = []
    usual = warnings.showwarning

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, ZooWarning):
            warned.append(str(message))
        else:
            usual(message, category, filename, lineno, file, line)

    warnings.showwarning = show
    try:
        outcome = load(job.RUNNER)(job, step)
    finally:
        warnings.showwarning = usual
    return Answer(outcome, tuple(warned))

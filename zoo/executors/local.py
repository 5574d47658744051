"""The local executor: one job after the other, on this machine."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from zoo.executors.base import Agenda, Executor
from zoo.executors.process import JobProcess

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zoo.executors.base import Say
    from zoo.executors.job import Deferred, Job
    from zoo.outcome import Outcome
    from zoo.results.trial import Trial


class LocalExecutor(Executor):
    """One job at a time, in the given order, on this machine.

    A process lives as long as its model's jobs follow one another.
    """

    def run(self, jobs: Sequence[Job | Deferred], say: Say) -> Iterator[tuple[Trial, Outcome, None]]:
        """See :meth:`zoo.executors.base.Executor.run`."""
        agenda = Agenda(jobs)
        with closing(JobProcess()) as process:
            while (job := agenda.next()) is not None:
                for trial, outcome in process.run(job, say):
                    agenda.answered(trial)
                    yield trial, outcome, None


LOCAL = LocalExecutor()

"""The local executor: one job after the other, on this machine."""

from __future__ import annotations

from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING

from zoo.executors.base import Agenda, Executor
from zoo.executors.process import JobProcess

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from zoo.executors.base import Say
    from zoo.executors.job import Deferred, Job
    from zoo.outcome import Outcome
    from zoo.results.trial import Trial


class LocalExecutor(Executor):
    """One job at a time, in the given order, on this machine.

    A process lives as long as its model's jobs follow one another.
    """

    def __init__(self) -> None:
        self._kept: JobProcess | None = None

    def run(self, jobs: Sequence[Job | Deferred], say: Say) -> Iterator[tuple[Trial, Outcome, None]]:
        """See :meth:`zoo.executors.base.Executor.run`."""
        with self._process() as process:
            agenda = Agenda(jobs)
            while (job := agenda.next()) is not None:
                for trial, outcome in process.run(job, say):
                    agenda.answered(trial)
                    yield trial, outcome, None

    @contextmanager
    def staying(self) -> Iterator[LocalExecutor]:
        """An executor whose process outlives a run, until the block ends."""
        stays = LocalExecutor()
        with closing(JobProcess()) as stays._kept:
            yield stays

    def _process(self) -> AbstractContextManager[JobProcess]:
        return closing(JobProcess()) if self._kept is None else nullcontext(self._kept)


LOCAL = LocalExecutor()

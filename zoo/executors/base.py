"""An executor: where jobs run, and what every such place needs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from zoo.executors.job import Deferred, Job
from zoo.executors.process import JobProcess

if TYPE_CHECKING:
    from zoo.executors.events import Event
    from zoo.machine.fingerprint import Machine
    from zoo.outcome import Outcome
    from zoo.results.trial import Trial

Say = Callable[["Event"], None]


class Executor(ABC):
    """A place where jobs run.

    One of your own subclasses this, and is added by an entry point of the group ``zoo.executors``, or by
    ``EXECUTORS.register(name, executor)``; `zoo run --executor NAME` takes it.
    """

    @property
    def machine(self) -> Machine | None:
        """The machine whose records count as done, where that is not this one."""
        return None

    @abstractmethod
    def run(self, jobs: Sequence[Job | Deferred], say: Say) -> Iterator[tuple[Trial, Outcome, Machine | None]]:
        """Run jobs, and give each trial as soon as it is answered.

        A generator: what it gives is kept before it goes on, and closing it ends whatever still runs.

        Parameters
        ----------
        jobs : sequence of Job or Deferred
            In the order in which a person would like to see them; :class:`Agenda` hands them out.
        say : callable
            Told of every step; see :mod:`zoo.executors.events`.

        Yields
        ------
        (Trial, Outcome, Machine or None)
            None is this machine.
        """


class Agenda:
    """Jobs still to be run: which may start now, and which wait for others.

    Parameters
    ----------
    jobs : sequence of Job or Deferred
        What they need is to be answered by jobs among them.
    """

    def __init__(self, jobs: Sequence[Job | Deferred]) -> None:
        self._left = list(jobs)
        self._answered: set[str] = set()

    def next(self) -> Job | None:
        """Take off the first job that waits for nothing, if there is one."""
        while (index := self._first_ready()) is not None:
            entry = self._left.pop(index)
            if isinstance(entry, Job):
                return entry
            self._left[index:index] = entry.make()
        return None

    def _first_ready(self) -> int | None:
        return next((index for index, entry in enumerate(self._left) if entry.needs <= self._answered), None)

    def ready(self) -> list[Job]:
        """Take off all that may run on one machine at once, if there is any."""
        found: list[Job] = []
        while (job := self.next()) is not None:
            if job.ALONE and found:
                self._left.insert(0, job)
                break
            found.append(job)
            if job.ALONE:
                break
        return found

    def answered(self, trial: Trial) -> None:
        """Note that a trial is answered, for what waits for it."""
        self._answered.add(trial.key)


def run_job(job: Job, say: Say) -> Iterator[tuple[Trial, Outcome]]:
    """Run one job on this machine, within its bounds.

    Closing the iterator ends it.

    Raises
    ------
    ScriptError
        Where no process can import the user's script.
    ZooError
        What a job whose refusals end the run found to be the user's to mend.
    """
    with closing(JobProcess()) as process:
        yield from process.run(job, say)

"""One invocation: what is done, where records go, and who listens."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from zoo.cohorts.curves import Curves
from zoo.executors.events import Message, TrialDone
from zoo.machine.differences import machine_key
from zoo.machine.prior import EFFECTIVE_MACS_PER_S, macs_per_s
from zoo.machine.yardstick import differs, disagrees, measure_yardstick
from zoo.outcome import Status
from zoo.plans.estimate import Estimate
from zoo.results.private import without_paths
from zoo.results.record import Record
from zoo.results.standing import rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from zoo.cost.case import Case
    from zoo.executors.base import Executor
    from zoo.executors.events import Event
    from zoo.executors.job import Deferred, Job
    from zoo.machine.fingerprint import Machine
    from zoo.outcome import Outcome
    from zoo.results.trial import Trial
    from zoo.store.store import Store
    from zoo.tasks.outline import TaskOutline


SKIPPED_NAMED = 5
"""Of the images that a task does without, so many are named."""


@dataclass
class Session:
    """The state of one invocation.

    Attributes
    ----------
    suite : str
        Name of what asked, kept with the records.
    store : Store
    executor : Executor
        Where jobs run.
    machine : Machine
        The one whose records are taken as done, and the one of records of which the executor says none.
    say : callable
        Told of every step.
    deadline : float or None
        On the monotonic clock; nothing is started after it.
    again, retry : bool
        Take nothing as done, or only what ended as ``ok``.
    sample : bool
        Whether each family of models has one timed before any has its second.
    done : dict of str to Record
        By trial key: found in the store, or measured now.
    missing : mapping
        Published weights that are not at hand, by model; noted in the records of that model.
    tasks : mapping
        What is known of each task, by its digest; what a reader has to know of it is noted in its records.
    private : tuple of str
        Paths of the user's, which no record holds.
    total, answered, measured : int
        Trials of the suite, those with a record, and those measured now.
    of_another_speed : set of str
        Keys of trials whose records were made when the machine was faster or slower.
    cases : mapping
        What is measured for a cost trial, by its key, which is the case's label.
    curves : Curves
        How far those over batches go.
    """

    suite: str
    store: Store
    executor: Executor
    machine: Machine
    say: Callable[[Event], None]
    deadline: float | None = None
    again: bool = False
    retry: bool = False
    sample: bool = False
    missing: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[str, TaskOutline] = field(default_factory=dict)
    private: tuple[str, ...] = ()
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    done: dict[str, Record] = field(default_factory=dict)
    estimate: Estimate = field(default_factory=Estimate)
    total: int = 0
    answered: int = 0
    measured: int = 0
    of_another_speed: set[str] = field(default_factory=set)
    cases: Mapping[str, Case] = field(default_factory=dict)
    curves: Curves = field(default_factory=Curves)
    _timed: bool = False
    _measured_until: float = 0.0

    def __post_init__(self) -> None:
        self.machine = self.executor.machine or self.machine
        self.key = machine_key(self.machine)

    def find(self, trial: Trial) -> Record | None:
        """The record that stands of a trial on the machine, at its speed of now."""
        return None if trial.key in self.of_another_speed else self.store.find(trial.key, self.key)

    def standing(self, record: Record) -> Record:
        """What stands of the trial of a record that this run made.

        An older one, where that is ok and this is not.
        """
        older = None if record.outcome.status == Status.OK else self.find(record.trial)
        return older if older is not None and rank(older) > rank(record) else record

    def skip_done(self, trials: Iterable[Trial], twins: Mapping[str, str] | None = None) -> set[str]:
        """Look trials up, and take the records of those that are done.

        Returns the keys of those that still need an answer. ``twins`` names the other key of each A/A pair: a pair
        of which one is measured anew is timed together again, since it tells the noise only where both were timed
        in the same rounds.
        """
        asked = {trial.key: trial for trial in trials}
        found = {} if self.again else self.store.find_all(asked.keys() - self.of_another_speed, self.key)
        if found or (asked and not self.out_of_time()):
            self._time_machine()
        doubted = {key for key, record in found.items() if self._is_retried(record)}
        doubted |= self._doubt_speed({key: record for key, record in found.items() if key not in doubted})
        anew = doubted | (asked.keys() - found.keys() if self.retry else set())
        doubted |= {twin for key, twin in (twins or {}).items() if key in anew and twin in asked}
        for key in doubted:
            found.pop(key, None)
        self.done |= found
        for key, record in found.items():
            self.estimate.timed(record.trial, record.outcome)
            if key in self.cases:
                self.curves.add(self.cases[key], record.outcome)
        self.answered += len(found)
        pending = asked.keys() - found.keys() - self.curves.unneeded
        self.estimate.expect([trial for key, trial in asked.items() if key in pending])
        return pending

    def _is_retried(self, record: Record) -> bool:
        return self.retry and record.outcome.status != Status.OK

    def _time_machine(self) -> None:
        """Measure the yardstick, once, to be kept with the records."""
        if self._timed or self.executor.machine is not None:
            return
        self._timed = True
        yardstick, reason = measure_yardstick()
        if reason:
            self.say(Message(f"the machine's yardstick could not be measured: {reason}"))
        self.machine = replace(self.machine, yardstick=yardstick)
        self.estimate.slowness = EFFECTIVE_MACS_PER_S / macs_per_s(yardstick)

    def _doubt_speed(self, found: Mapping[str, Record]) -> set[str]:
        """Find timings of another speed of the machine, and say so.

        An accuracy is the same at any speed.
        """
        now = self.machine.yardstick
        if now is None:
            return set()
        then = {key: record.environment.yardstick for key, record in found.items() if record.trial.is_timing}
        if line := differs(now, then.values()):
            self.say(Message(line))
        other = {key for key, yardstick in then.items() if yardstick is not None and disagrees(now, yardstick)}
        self.of_another_speed |= other
        return other

    def run(self, jobs: Sequence[Job | Deferred]) -> None:
        """Run jobs until all are answered or the time is over."""
        if not jobs or self.out_of_time():
            return
        answers = self.executor.run(jobs, self._hear)
        try:
            for trial, outcome, machine in answers:
                self.keep(trial, outcome, machine)
                if self.out_of_time():
                    return
        finally:
            if close := getattr(answers, "close", None):
                close()
            self.store.sync()

    def _hear(self, event: Event) -> None:
        """Tell of a step, once what was kept before it is safe from a power cut too."""
        self.store.sync()
        self.say(event)

    def record(self, trial: Trial, outcome: Outcome, machine: Machine | None = None) -> Record:
        """The record of a trial in this run, on the machine that answered it."""
        where = machine or self.machine
        return Record(
            trial=trial,
            outcome=without_paths(outcome, self.private),
            machine=self.key if where is self.machine else machine_key(where),
            environment=where,
            suite=self.suite,
            run=self.id,
        )

    def keep(self, trial: Trial, outcome: Outcome, machine: Machine | None = None) -> Record:
        """Write a trial's record before anything else, and tell of it."""
        if trial.model in self.missing:
            noted = dict(outcome.notes) | {"weights_missing": self.missing[trial.model]}
            outcome = replace(outcome, notes=noted)
        task = self.tasks.get(getattr(trial.settings, "task_digest", ""))
        if task is not None:
            health = {"task_health": list(lines)} if (lines := task.health()) else {}
            outcome = replace(outcome, notes=dict(outcome.notes) | {"majority": task.majority} | health)
        if task is not None and (files := task.skipped):
            noted = dict(outcome.notes) | {"skipped": len(files), "skipped_files": list(files[:SKIPPED_NAMED])}
            outcome = replace(outcome, flags=(*outcome.flags, _left_out(files)), notes=noted)
        record = self.record(trial, outcome, machine)
        self.store.add(record)
        if trial.key not in self.done:  # else its rounds went on
            self.measured += 1
            self.answered += 1
        self.done[trial.key] = record
        self.estimate.timed(trial, outcome)
        self.estimate.finished(trial, self._own_seconds(outcome))
        ended = self.curves.add(self.cases[trial.key], outcome) if trial.key in self.cases else None
        for case in ended.beyond if ended else ():
            if self.estimate.pending.pop(case.label, None) is not None:
                self.total -= 1
        self.say(TrialDone(record, self.answered, self.total, self.estimate.seconds_left()))
        if ended:
            self.say(Message(str(ended)))
        return record

    def _own_seconds(self, outcome: Outcome) -> float:
        """Seconds of an outcome in which none before it was measured: the cases of a cohort share theirs."""
        ended = outcome.started + outcome.duration_s
        own = min(outcome.duration_s, max(0.0, ended - self._measured_until))
        self._measured_until = max(ended, self._measured_until)
        return own

    def say_of_tasks(self) -> None:
        """Say what a reader of accuracies has to know of the tasks."""
        for task in self.tasks.values():
            for line in task.health():
                self.say(Message(f"{task.name}: {line}"))
            if files := task.skipped:
                named = ", ".join(files[:SKIPPED_NAMED]) + (" …" if len(files) > SKIPPED_NAMED else "")
                self.say(Message(f"{task.name}: {_left_out(files)}: {named}"))

    def seconds_left(self) -> float | None:
        """Until the user's time is over, None where it never is."""
        return None if self.deadline is None else self.deadline - time.monotonic()

    def out_of_time(self) -> bool:
        """Whether the user's time is over, so that nothing more is started."""
        left = self.seconds_left()
        return left is not None and left < 0


def _left_out(files: tuple[str, ...]) -> str:
    return f"{len(files)} corrupt image{'s' * (len(files) != 1)} left out"

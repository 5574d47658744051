"""One invocation of a suite: what is done, where records go, who listens, and how long the rest will take."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from zoo.outcome import Status
from zoo.results.record import Record
from zoo.runs.events import Message, TrialDone
from zoo.runs.plan.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from zoo.machine.fingerprint import Machine
    from zoo.outcome import Outcome
    from zoo.results.store.store import Store
    from zoo.results.trial import Trial
    from zoo.runs.events import Event
    from zoo.runs.suite.suite import Suite


SKIPPED_NAMED = 5
"""Of the images that a task does without, so many are named."""


@dataclass
class Session:
    """The state of one invocation.

    Attributes
    ----------
    machine : str
        Key of ``environment``; records of other machines are not taken as done.
    deadline : float or None
        On the monotonic clock.
    again, retry : bool
        Take nothing as done, or only what ended as ``ok``.
    done : dict of str to Record
        By trial key: found in the store, or measured now.
    missing : mapping
        Published weights that are not at hand, by model; noted in the records of that model.
    skipped_images : mapping
        By task, images that cannot be read and are left out; noted in the records of that task.
    total, answered, measured : int
        Trials of the suite, those with a record, and those measured now.
    """

    suite: Suite
    store: Store
    environment: Machine
    machine: str
    say: Callable[[Event], None]
    deadline: float | None
    again: bool
    retry: bool
    missing: Mapping[str, str] = field(default_factory=dict)
    skipped_images: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    done: dict[str, Record] = field(default_factory=dict)
    estimate: Estimate = field(default_factory=Estimate)
    total: int = 0
    answered: int = 0
    measured: int = 0

    def skip_done(self, trials: Iterable[Trial], twins: Mapping[str, str] | None = None) -> set[str]:
        """Keys of those ``trials`` that still need an answer; the others' records are taken as done.

        ``twins`` names the other key of each A/A pair: a pair of which one is retried is timed together again,
        since it tells the noise only where both were timed in the same rounds.
        """
        found = {
            trial.key: (trial, None if self.again else self.store.find(trial.key, self.machine)) for trial in trials
        }
        pending = {key for key, (_, record) in found.items() if record is None or self._is_retried(record)}
        if self.retry:
            pending |= {twin for key, twin in (twins or {}).items() if key in pending and twin in found}
        for key, (_, record) in found.items():
            if key not in pending and record is not None:
                self.done[key] = record
                self.answered += 1
        self.estimate.expect([trial for key, (trial, _) in found.items() if key in pending])
        return pending

    def _is_retried(self, record: Record) -> bool:
        return self.retry and record.outcome.status != Status.OK

    def record(self, trial: Trial, outcome: Outcome) -> Record:
        """The record of a trial in this run, on this machine."""
        return Record(
            trial=trial,
            outcome=outcome,
            machine=self.machine,
            environment=self.environment,
            suite=self.suite.name,
            run=self.id,
        )

    def keep(self, trial: Trial, outcome: Outcome) -> Record:
        """Write the record of a trial before anything else happens, and tell of it."""
        if trial.model in self.missing:
            noted = dict(outcome.notes) | {"weights_missing": self.missing[trial.model]}
            outcome = replace(outcome, notes=noted)
        files = self.skipped_images.get(trial.transfer.task) if trial.kind == "transfer" else None
        if files:
            noted = dict(outcome.notes) | {"skipped": len(files), "skipped_files": list(files[:SKIPPED_NAMED])}
            outcome = replace(outcome, flags=(*outcome.flags, _left_out(files)), notes=noted)
        record = self.record(trial, outcome)
        self.store.add(record)
        self.done[trial.key] = record
        self.measured += 1
        self.answered += 1
        self.estimate.finished(trial, outcome.duration_s)
        self.say(TrialDone(record, self.answered, self.total, self.estimate.seconds_left()))
        return record

    def say_what_is_skipped(self) -> None:
        """Name images that cannot be read and that the tasks do without."""
        for task, files in self.skipped_images.items():
            named = ", ".join(files[:SKIPPED_NAMED]) + (" …" if len(files) > SKIPPED_NAMED else "")
            self.say(Message(f"{task}: {_left_out(files)}: {named}"))

    def out_of_time(self) -> bool:
        """Whether the time that the user gave is over, so that nothing more is started."""
        return self.deadline is not None and time.monotonic() > self.deadline


def _left_out(files: tuple[str, ...]) -> str:
    return f"{len(files)} corrupt image{'s' * (len(files) != 1)} left out"

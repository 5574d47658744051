"""Trials of a search run within its time, with the store as memory."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from zoo.executors.job import Deferred
from zoo.outcome import Status
from zoo.paths import write_atomically
from zoo.searching.checkpoints import folder_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from zoo.executors.job import Job
    from zoo.outcome import Outcome
    from zoo.results.trial import Trial
    from zoo.runs.session import Session
    from zoo.searching.clock import Clock
    from zoo.searching.trail import Trail


LEAST_S = 1.0
"""Nothing is started in the last second."""

PATIENCE_S = 3600.0
"""What a trial may take where the search has more time left."""


@dataclass
class Runner:
    """What runs the trials of a search, and what it decided before.

    Attributes
    ----------
    session : Session
        Where records are looked up and kept.
    clock : Clock
    trail : Trail
    digest : str
        Of the question: a search that asks the same goes on.
    """

    session: Session
    clock: Clock
    trail: Trail
    digest: str
    _decisions: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._decisions = _read(self._memory)

    @property
    def place(self) -> Path:
        """Folder of the trainings that are gone on with."""
        return folder_of(self.digest)

    @property
    def _memory(self) -> Path:
        return self.place.with_suffix(".json")

    def run(self, items: Sequence[tuple[Trial, Job]], rung: str) -> None:
        """Run what has no record yet, as far as the rung's time goes.

        What the end of the rung cuts short is not kept.
        """
        session = self.session
        pending = session.skip_done(trial for trial, _ in items)
        session.total += len(items)
        entries = [
            Deferred(frozenset(), partial(self._when_it_fits, trial, job, rung))
            for trial, job in items
            if trial.key in pending
        ]
        if not entries or session.out_of_time():
            return
        answers: Any = session.executor.run(entries, session.say)
        try:
            for trial, outcome, machine in answers:
                if outcome.status == Status.TIMEOUT and self.clock.left(rung) < LEAST_S:
                    break
                session.keep(trial, outcome, machine)
        finally:
            if close := getattr(answers, "close", None):
                close()
            session.store.sync()

    def _when_it_fits(self, trial: Trial, job: Job, rung: str) -> list[Job]:
        left = self.clock.left(rung)
        if left < LEAST_S or not self.session.estimate.fits(left, trial):
            return []
        return [replace(job, timeout_s=max(LEAST_S, min(PATIENCE_S, left)))]

    def outcome(self, trial: Trial) -> Outcome | None:
        """What came of a trial, None where it was not reached."""
        record = self.session.done.get(trial.key)
        return None if record is None else record.outcome

    def note(self, name: str, rung: str, found: str, dropped: str = "") -> None:
        """Add a step to the trail."""
        self.trail.note(name, rung, found, dropped, self.clock.spent)

    def decided(self, name: str, decide: Callable[[], Any]) -> Any:
        """What the time decided, the same when a search goes on."""
        if name not in self._decisions:
            self._decisions[name] = decide()
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._memory, json.dumps(self._decisions).encode())
        return self._decisions[name]


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}

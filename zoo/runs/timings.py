"""The cohorts of a run whose time is limited: each has its share of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from zoo.cohorts.shares import Allowance, Shares
from zoo.executors.job import Deferred
from zoo.machine.prior import macs_per_s
from zoo.outcome import Status
from zoo.runs.jobs.cohort import cohort_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from zoo.cost.protocol import Protocol
    from zoo.executors.job import Job
    from zoo.outcome import Outcome
    from zoo.plans.cost import PlannedCost
    from zoo.runs.jobs.cohort import CohortJob
    from zoo.runs.session import Session

WORTHWHILE = 0.5
"""Of the rounds that there are, so many more are worth starting processes: they narrow an interval by a fifth."""

LEAST_PART = 0.5
"""Of the seconds that a job is expected to take until its models have an interval, so many have to be left."""


@dataclass
class Timings:
    """What of a run is timed, within its budget.

    Attributes
    ----------
    session : Session
        With a deadline.
    planned : sequence of PlannedCost
    protocol : Protocol
    jobs : sequence of CohortJob
        Those of what is planned, in their order.
    time_of_costs : callable
        From the seconds that are left, and those in which all have an interval, to those in which intervals are
        narrowed before anything else is run.
    """

    session: Session
    planned: Sequence[PlannedCost]
    protocol: Protocol
    jobs: Sequence[CohortJob]
    time_of_costs: Callable[[float, float], float]
    _until: float = field(default=0.0, init=False)
    _begun: list[tuple[CohortJob, float]] = field(default_factory=list, init=False)
    _learnt: CohortJob | None = field(default=None, init=False)
    _narrowed: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        speed = macs_per_s(self.session.machine.yardstick)
        self.shares = Shares([job.group for job in self.jobs], self.protocol, speed)

    def in_turn(self) -> Iterator[Deferred]:
        """Cohorts, each with its share of the time that is left by then."""
        for job in self.jobs:
            yield Deferred(frozenset(), lambda job=job: self._shared(job))  # type: ignore[misc]

    def go_on(self) -> Iterator[Deferred]:
        """Then what is unresolved, the widest first, as long as there is time."""
        if self.jobs:
            yield Deferred(answered(self.planned), self._widest)

    def _shared(self, job: CohortJob) -> list[Job | Deferred]:
        """A job with its share; none where too little time is left, so that it waits for another run."""
        now, left = time.monotonic(), self.session.seconds_left() or 0.0
        if not self._begun:  # started in any case: nothing is known of the pace before
            self._until = now + self.time_of_costs(left, self.shares.least())
        else:
            self._learn(now)
            if left < LEAST_PART * self.shares.least_to_begin(job.group):
                return []
        self._begun.append((job, now))
        return [replace(job, allowance=self.shares.of(job.group, min(self._until - now, left), left))]

    def _learn(self, now: float) -> None:
        """Tell how long the last one took, once."""
        before, since = self._begun[-1]
        if before is not self._learnt:
            self._learnt = before
            rounds = {key: _rounds(outcome) for key, outcome in self._outcomes(before).items()}
            self.shares.finished(before.group, now - since, rounds)

    def _widest(self) -> list[Job | Deferred]:
        """The job with the widest interval goes on, where the time is worth it, and after it the next one."""
        left = self.session.seconds_left() or 0.0
        wide = [earlier for job in self.jobs if (earlier := self._unresolved(job))]
        for earlier in sorted(wide, key=lambda one: max(map(_width, one.values())), reverse=True):
            if not self._narrowed.isdisjoint(earlier):
                continue
            [job] = cohort_jobs([item for item in self.planned if item.trial.key in earlier], self.protocol)
            need = self.shares.need(job.group)
            rounds = max(map(_rounds, earlier.values()))
            if self.shares.pace * need.of(WORTHWHILE * rounds) > left:
                continue
            more = rounds * max((_width(one) / self.protocol.target_half_width) ** 2 - 1 for one in earlier.values())
            seconds = self.shares.pace * max(more, WORTHWHILE * rounds) * need.round
            self._narrowed |= set(earlier)
            again = replace(job, earlier=earlier, allowance=Allowance(left, seconds))
            return [again, Deferred(frozenset(), self._widest)]
        return []

    def _unresolved(self, job: CohortJob) -> dict[str, Outcome]:
        """Outcomes of a job's cases that this run measured and did not resolve, by label."""
        return {
            key: outcome
            for key, outcome in self._outcomes(job).items()
            if outcome.status == Status.UNCONVERGED and self.session.done[key].run == self.session.id
        }

    def _outcomes(self, job: CohortJob) -> dict[str, Outcome]:
        done = self.session.done
        return {trial.key: done[trial.key].outcome for trial in job.trials if trial.key in done}


def answered(planned: Sequence[PlannedCost]) -> frozenset[str]:
    """Keys of those that are answered in any case.

    A point of a curve may lie beyond its end, where nothing answers it.
    """
    return frozenset(item.trial.key for item in planned if not item.case.on_curve)


def _rounds(outcome: Outcome) -> int:
    rounds = outcome.notes.get("rounds")
    return rounds if isinstance(rounds, int) else 0


def _width(outcome: Outcome) -> float:
    """Half an interval as a fraction, and of none that of the widest."""
    width = outcome.notes.get("half_width")
    return width if isinstance(width, float) else 1.0

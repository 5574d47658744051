"""The jobs of a run, in the order in which its time is best spent."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import groupby
from typing import TYPE_CHECKING

from zoo.cost.protocol import Protocol
from zoo.executors.events import Message
from zoo.executors.job import Deferred
from zoo.outcome import Outcome, Status
from zoo.plans.estimate import rounded
from zoo.plans.order import in_order
from zoo.plans.risk import bounds
from zoo.plans.turns import turns
from zoo.runs.jobs.cohort import cohort_jobs
from zoo.runs.jobs.pretraining import pretraining_job
from zoo.runs.jobs.training import training_job
from zoo.runs.timings import Timings, answered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zoo.executors.job import Job
    from zoo.plans.cost import PlannedCost
    from zoo.plans.plan import Plan
    from zoo.plans.pretrain import PlannedPretraining
    from zoo.plans.transfer import PlannedTransfer
    from zoo.plans.turns import Turns
    from zoo.runs.jobs.cohort import CohortJob
    from zoo.runs.session import Session


@dataclass
class Schedule:
    """What of a plan runs when.

    Attributes
    ----------
    session : Session
    plan : Plan
        Made anew for a model when its weights were made.
    """

    session: Session
    plan: Plan

    def jobs(self, pending: set[str]) -> Iterator[Job | Deferred]:
        """Costs in their turns, then trainings.

        With a budget the costs share what of the time is theirs, the trainings' order waits for what the costs tell
        of each model's speed, and what time they leave goes to the costs whose intervals are widest.
        """
        plan, limited = self.plan, self.session.deadline is not None
        costs = [item for item in plan.costs if item.trial.key in pending]
        cohorts = list(self._cohorts(costs)) if costs else []
        time_of = partial(self._time_of_costs, pending)
        timings = Timings(self.session, costs, self._protocol, cohorts, time_of) if limited else None
        yield from cohorts if timings is None else timings.in_turn()
        if plan.suite.transfer is not None:
            yield from self._of_regimes(costs, pending, plan.suite.transfer.timeout_s)
        if timings is not None:
            yield from timings.go_on()

    def _of_regimes(self, costs: list[PlannedCost], pending: set[str], timeout_s: float) -> Iterator[Job | Deferred]:
        """Trainings, in their order."""
        plan = self.plan
        if self.session.deadline is None:
            yield from self._of_models(in_order(plan), pending, timeout_s)
        elif plan.to_make or any(item.trial.key in pending for item in plan.transfers):
            yield Deferred(
                answered(costs),
                lambda: list(self._of_models(in_order(plan, self.session.estimate.seconds_of), pending, timeout_s)),
            )

    def _time_of_costs(self, pending: set[str], left: float, least: float) -> float:
        """Seconds of the time left in which intervals of costs are narrowed.

        Half of what is left when each cost has an interval and each cell its first training; all of it without
        trainings.
        """
        plan, seconds_of = self.plan, self.session.estimate.seconds_of
        waiting = [item.trial for item in plan.transfers if plan.waits(item) or item.trial.key in pending]
        if not waiting:
            return left
        first = sum(seconds_of(trial) for trial in waiting if trial.transfer.seed == 0)
        first += sum(seconds_of(made.trial) for made in plan.to_make.values())
        return least + max(0.0, left - least - first) / 2

    def order_of_costs(self, pending: set[str]) -> str:
        """A line on the order in which costs come, empty where none is needed."""
        costs = [item for item in self.plan.costs if item.trial.key in pending]
        return self._turns.said(costs) if costs else ""

    def _cohorts(self, costs: list[PlannedCost]) -> Iterator[CohortJob]:
        """Costs by who shares rounds, in their turns."""
        for turn in self._turns.of(costs):
            sized = replace(self._protocol, cohort_size=turn.cohort_size)
            yield from cohort_jobs(turn.items, sized, self.session.curves.known)

    @cached_property
    def _turns(self) -> Turns:
        """When each model's turn is, by all of the plan, done or not, so that a run that goes on keeps the order."""
        session, protocol = self.session, self._protocol
        return turns(self.plan.costs, bounds(protocol, session.machine), protocol.cohort_size, sample=session.sample)

    @property
    def _protocol(self) -> Protocol:
        """The measuring protocol, with the limits that the suite sets itself."""
        plan, protocol = self.plan.suite.cost, Protocol()
        if plan is not None and plan.cohort_budget_s is not None:
            protocol = replace(protocol, cohort_budget_s=plan.cohort_budget_s)
        if plan is not None and plan.timeout_s is not None:
            protocol = replace(protocol, start_timeout_s=plan.timeout_s, call_timeout_s=plan.timeout_s)
        return protocol

    def _of_models(
        self, groups: Iterable[tuple[str, list[int]]], pending: set[str], timeout_s: float
    ) -> Iterator[Job | Deferred]:
        """Model by model its trainings, and before those that wait for weights the making of them."""
        plan = self.plan
        began: set[str] = set()
        for model, places in groups:
            made = plan.to_make.get(model)
            listed = [(index, plan.transfers[index]) for index in places]
            for waits, group in groupby(listed, key=lambda place: plan.waits(place[1])):
                if waits and made is not None:
                    waiting = [index for index, _ in group]
                    if model not in began:
                        yield self._pretraining(made, waiting, timeout_s)
                    began.add(model)
                    yield self._deferred(made, waiting, timeout_s)
                else:
                    todo = [item for _, item in group if item.trial.key in pending]
                    yield from self._trainings(todo, timeout_s)

    def _pretraining(self, made: PlannedPretraining, waiting: list[int], timeout_s: float) -> Deferred:
        """The making of weights, where there is the time for it, and for one use of them, when its turn comes."""
        uses = [self.plan.transfers[index].trial for index in waiting]

        def make() -> list[Job]:
            job, session = pretraining_job(made, timeout_s), self.session
            left, seconds_of = session.seconds_left(), session.estimate.seconds_of
            needed = seconds_of(made.trial) + min(map(seconds_of, uses))
            if left is None or needed < left:
                return [job]
            session.say(
                Message(
                    f"left out: {job.label}, and one use of it, would take {rounded(needed)}, of {round(left)} s left"
                )
            )
            return []

        return Deferred(frozenset(), make)

    def _deferred(self, made: PlannedPretraining, places: list[int], timeout_s: float) -> Deferred:
        """The trainings at some places of the plan, once weights were made."""
        waited = [self.plan.transfers[index].trial for index in places]

        def make() -> list[Job | Deferred]:
            if any(self.plan.transfers[index].trial is trial for index, trial in zip(places, waited, strict=True)):
                self.plan = self.plan.with_weights_of(made.trial.model)  # once for all that waited for these weights
            for trial in waited:
                self.session.estimate.pending.pop(trial.key, None)
            items = [self.plan.transfers[index] for index in places]
            pending = self.session.skip_done(item.trial for item in items)
            return self._trainings([item for item in items if item.trial.key in pending], timeout_s)

        return Deferred(frozenset({made.trial.key}), make)

    def _trainings(self, items: list[PlannedTransfer], timeout_s: float) -> list[Job | Deferred]:
        """Plan a job for each, and answer at once what cannot be run."""
        found: list[Job | Deferred] = []
        for item in items:
            if item.blocked:
                self.session.keep(item.trial, Outcome(Status.FAILED, item.blocked, started=time.time()))
            elif self.session.deadline is None:
                found.append(training_job(item, timeout_s))
            else:
                found.append(self._where_it_fits(item, timeout_s))
        return found

    def _where_it_fits(self, item: PlannedTransfer, timeout_s: float) -> Deferred:
        """A training, where the time is expected to hold it when its turn comes."""

        def make() -> list[Job]:
            fits = self.session.estimate.fits(self.session.seconds_left(), item.trial)
            return [training_job(item, timeout_s)] if fits else []

        return Deferred(frozenset(), make)

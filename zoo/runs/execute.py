"""A run of a suite: pending trials are measured, done ones skipped."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from zoo.cost.protocol import Protocol
from zoo.executors import EXECUTORS
from zoo.executors.events import Message, RunPlanned
from zoo.executors.job import Deferred
from zoo.machine.devices import ignored_gpu
from zoo.machine.fingerprint import fingerprint
from zoo.outcome import Outcome, Status
from zoo.processes.script import leave_if_in_a_worker
from zoo.processes.turn import turn
from zoo.regimes.pretrain import recalled
from zoo.results.rows import BAD
from zoo.results.standing import PassedOver, passed_over_line
from zoo.runs.jobs.cohort import cohort_jobs
from zoo.runs.jobs.pretraining import pretraining_job
from zoo.runs.jobs.training import training_job
from zoo.runs.plan.checkpoints import private_paths
from zoo.runs.plan.estimate import rounded
from zoo.runs.plan.order import in_order, left_out
from zoo.runs.plan.plan import plan_suite
from zoo.runs.plan.savings import savings
from zoo.runs.plan.substitutes import substitutes
from zoo.runs.plan.tasks import check_shots, read_tasks
from zoo.runs.session import Session
from zoo.sources.naming import parse_name
from zoo.sources.user import check_reachable, load_user_models
from zoo.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zoo.executors.events import Event
    from zoo.executors.job import Job
    from zoo.results.record import Record
    from zoo.runs.plan.plan import Plan
    from zoo.runs.plan.pretrain import PlannedPretraining
    from zoo.runs.plan.transfer import PlannedTransfer
    from zoo.suites.suite import CostPlan, Suite


@dataclass(frozen=True)
class RunOutcome:
    """What a run did, and every record its suite now has on this machine.

    Attributes
    ----------
    run_id : str
        Shared by the records measured now.
    records : tuple of Record
        The record that stands of each trial of the suite, measured now or before, in the suite's order.
    measured, skipped : int
        Trials measured now, and trials found done.
    failed : int
        How many trials ended as ``failed``, ``oom`` or ``timeout`` when they were last measured.
    remaining : int
        Trials still without a record, because of an interruption or the time budget.
    interrupted : bool
        Whether Ctrl-C ended the run.
    published : tuple of Record
        What others state of the suite's models, as imported into the store.
    """

    run_id: str
    records: tuple[Record, ...]
    measured: int
    skipped: int
    failed: int
    remaining: int = 0
    interrupted: bool = False
    published: tuple[Record, ...] = ()


def run_suite(
    suite: Suite,
    *,
    store_url: str,
    again: bool = False,
    retry: bool = False,
    on_event: Callable[[Event], None] | None = None,
    max_seconds: float | None = None,
    executor: str | None = None,
) -> RunOutcome:
    """Measure what of a suite has no record on this machine yet.

    Parameters
    ----------
    suite : Suite
    store_url : str
        SQLAlchemy URL; every record is committed there as soon as its trial ends.
    again : bool
        Measure everything anew; older records stay and are superseded.
    retry : bool
        Measure anew what ended as anything but ``ok``.
    on_event : callable, optional
        Told of every step; see :mod:`zoo.executors.events`.
    max_seconds : float, optional
        Start no further cohort or training after so many seconds; the suite's own budget otherwise. With one, every
        cell has its first seed before any has its second.
    executor : str, optional
        Name of the place where jobs run; the suite's otherwise.

    Returns
    -------
    RunOutcome
        Also after Ctrl-C, which ends the workers and keeps every record.

    Raises
    ------
    ZooError
        Before anything is measured, for what the user has to mend; StoreError when a record cannot be
        kept (what was kept before stays).
    """
    leave_if_in_a_worker()
    load_user_models()
    asked = (*suite.models, *(suite.transfer.models if suite.transfer else ()))
    check_reachable(parse_name(name).model for name in asked)
    place = EXECUTORS.get(executor or suite.executor)
    say = on_event or (lambda _event: None)
    with turn(lambda line: say(Message(line))), Store(store_url) as store:
        budget = suite.budget_s if max_seconds is None else max_seconds
        deadline = None if budget is None else time.monotonic() + budget
        session = Session(
            suite=suite.name,
            store=store,
            executor=place,
            machine=fingerprint(),
            say=say,
            deadline=deadline,
            again=again,
            retry=retry,
        )
        read_tasks(suite, say)
        run = _Run(session, plan_suite(suite))
        interrupted = False
        try:
            run.run()
        except KeyboardInterrupt:
            interrupted = True
        return run.outcome(interrupted)


class _Run:
    """A plan that is carried out, and renewed where weights were made."""

    def __init__(self, session: Session, plan: Plan) -> None:
        self.session = session
        self.plan = plan
        session.missing, session.tasks = plan.missing, plan.tasks
        session.estimate.tasks = plan.tasks
        transfer = plan.suite.transfer
        tasks = () if transfer is None else (*transfer.tasks, transfer.pretrain_task)
        session.private = (*tasks, *private_paths(plan.suite))

    def run(self) -> None:
        """Look up what is done, say so, and run the rest."""
        plan, session = self.plan, self.session
        for made in plan.pretrainings:
            if made.at_hand:
                _recall(session, made)
        to_make = plan.to_make.values()
        waiting = [item.trial for item in plan.transfers if plan.waits(item)]
        now = [item.trial for item in plan.costs]
        now += [item.trial for item in plan.transfers if not plan.waits(item)]
        pending = session.skip_done(now, plan.twins)
        session.estimate.expect([*waiting, *(item.trial for item in to_make)])
        if waiting or any(item.trial.key in pending for item in plan.transfers):
            check_shots(plan.suite)
        session.total = len(plan.asked) + len(plan.made)
        session.say(RunPlanned(session.total, session.answered, session.estimate.seconds_left()))
        _say_what_auto_leaves_out(session, plan.suite)
        session.say_of_tasks()
        for line in (substitutes(plan), savings(plan, pending) if session.deadline is None else ""):
            if line:
                session.say(Message(line))
        session.run(list(self._jobs(pending)))
        if session.out_of_time() and (line := left_out(self.plan, session.done)):
            session.say(Message(line))

    def outcome(self, interrupted: bool) -> RunOutcome:
        """What was done, and the records that the suite has now."""
        plan, session = self.plan, self.session
        found = (session.done.get(trial.key) or session.find(trial) for trial in (*plan.asked, *plan.made))
        newest = [record for record in found if record is not None]
        records = tuple(session.standing(record) for record in newest)
        over = [PassedOver(record, kept) for record, kept in zip(newest, records, strict=True) if kept is not record]
        if line := passed_over_line(over):
            session.say(Message(line))
        models = {trial.model for trial in plan.asked}
        return RunOutcome(
            run_id=session.id,
            records=records,
            measured=session.measured,
            skipped=session.answered - session.measured,
            failed=sum(record.outcome.status in BAD for record in newest),
            remaining=sum(trial.key not in session.done for trial in plan.asked),
            interrupted=interrupted,
            published=tuple(r for r in session.store.records(kind="published") if r.trial.model in models),
        )

    def _jobs(self, pending: set[str]) -> Iterator[Job | Deferred]:
        """Costs, then model by model what has to be made for it and its trainings."""
        plan = self.plan
        if plan.suite.cost is not None:
            costs = [item for item in plan.costs if item.trial.key in pending]
            yield from cohort_jobs(costs, _protocol(plan.suite.cost))
        if plan.suite.transfer is None:
            return
        timeout_s = plan.suite.transfer.timeout_s
        began: set[str] = set()
        for model, places in in_order(plan, breadth_first=self.session.deadline is not None):
            made = plan.to_make.get(model)
            if made is not None and model not in began:
                yield self._pretraining(made, timeout_s)
            began.add(model)
            listed = [(index, plan.transfers[index]) for index in places]
            for waits, group in groupby(listed, key=lambda place: plan.waits(place[1])):
                if waits and made is not None:
                    yield self._deferred(made, [index for index, _ in group], timeout_s)
                else:
                    todo = [item for _, item in group if item.trial.key in pending]
                    yield from self._trainings(todo, timeout_s)

    def _pretraining(self, made: PlannedPretraining, timeout_s: float) -> Deferred:
        """The making of weights, where there is the time for it when its turn comes."""

        def make() -> list[Job]:
            job = pretraining_job(made, timeout_s)
            left, needed = self.session.seconds_left(), self.session.estimate.seconds_of(made.trial)
            if left is None or needed < left:
                return [job]
            self.session.say(Message(f"left out: {job.label} would take {rounded(needed)}, of {round(left)} s left"))
            return []

        return Deferred(frozenset(), make)

    def _deferred(self, made: PlannedPretraining, places: list[int], timeout_s: float) -> Deferred:
        """The trainings at some places of the plan, once weights were made."""
        waited = [self.plan.transfers[index].trial for index in places]

        def make() -> list[Job]:
            if any(self.plan.transfers[index].trial is trial for index, trial in zip(places, waited, strict=True)):
                self.plan = self.plan.with_weights_of(made.trial.model)  # once for all that waited for these weights
            for trial in waited:
                self.session.estimate.pending.pop(trial.key, None)
            items = [self.plan.transfers[index] for index in places]
            pending = self.session.skip_done(item.trial for item in items)
            return list(self._trainings([item for item in items if item.trial.key in pending], timeout_s))

        return Deferred(frozenset({made.trial.key}), make)

    def _trainings(self, items: list[PlannedTransfer], timeout_s: float) -> Iterator[Job]:
        """Plan a job for each, and answer at once what cannot be run."""
        for item in items:
            if item.blocked:
                self.session.keep(item.trial, Outcome(Status.FAILED, item.blocked, started=time.time()))
            else:
                yield training_job(item, timeout_s)


def _say_what_auto_leaves_out(session: Session, suite: Suite) -> None:
    cost, transfer = suite.cost, suite.transfer
    asked = (*(cost.devices if cost else ()), *((transfer.device,) if transfer else ()))
    if "auto" in asked and (line := ignored_gpu()):
        session.say(Message(line))


def _recall(session: Session, item: PlannedPretraining) -> None:
    """Take weights that are at hand as done, their card as a record."""
    session.answered += 1
    record = session.find(item.trial)
    outcome = recalled(item.trial.model, item.trial.pretrain.task)
    # A record of weights that were made anew since tells of others than those at hand.
    same = record is not None and outcome is not None and _digest_of(record.outcome) == _digest_of(outcome)
    if outcome is not None and not same:
        record = session.record(item.trial, outcome)
        session.store.add(record)
    if record is not None:
        session.done[item.trial.key] = record


def _digest_of(outcome: Outcome) -> str:
    return str(outcome.notes.get("sha256", ""))


def _protocol(plan: CostPlan) -> Protocol:
    """The measuring protocol, with the limits that a suite sets itself."""
    protocol = Protocol()
    if plan.cohort_budget_s is not None:
        protocol = replace(protocol, cohort_budget_s=plan.cohort_budget_s)
    if plan.timeout_s is not None:
        protocol = replace(protocol, start_timeout_s=plan.timeout_s, call_timeout_s=plan.timeout_s)
    return protocol

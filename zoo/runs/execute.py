"""A run of a suite: pending trials are measured, done ones skipped."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.cohorts.curves import Curves
from zoo.errors import ZooError, option
from zoo.executors import EXECUTORS
from zoo.executors.events import Message, RunPlanned
from zoo.machine.devices import ignored_gpu
from zoo.machine.fingerprint import fingerprint
from zoo.plans.checkpoints import private_paths
from zoo.plans.order import left_out
from zoo.plans.plan import plan_suite
from zoo.plans.savings import savings
from zoo.plans.substitutes import substitutes
from zoo.plans.tasks import check_shots, read_tasks
from zoo.processes.script import leave_if_in_a_worker
from zoo.processes.turn import turn
from zoo.regimes.pretrain import recalled
from zoo.results.rows import BAD
from zoo.results.standing import PassedOver, passed_over_line
from zoo.runs.schedule import Schedule
from zoo.runs.session import Session
from zoo.sources.naming import parse_name
from zoo.sources.user import check_reachable, load_user_models
from zoo.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.executors.events import Event
    from zoo.outcome import Outcome
    from zoo.plans.plan import Plan
    from zoo.plans.pretrain import PlannedPretraining
    from zoo.results.record import Record
    from zoo.suites.suite import Suite


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
    sample: bool = False,
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
    sample : bool
        Time one model of each family before any second one; trainings keep their order.

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
    if sample and suite.cost is None:
        raise ZooError(
            f"{option('sample', 'True')} is an order of costs, and the suite {suite.name} has none: leave it out"
        )
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
            sample=sample,
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
        self.schedule = Schedule(session, plan)
        session.missing, session.tasks = plan.missing, plan.tasks
        session.estimate.tasks = plan.tasks
        session.cases = {item.trial.key: item.case for item in plan.costs}
        session.curves = Curves(session.cases.values())
        transfer = plan.suite.transfer
        tasks = () if transfer is None else (*transfer.tasks, transfer.pretrain_task)
        session.private = (*tasks, *private_paths(plan.suite))

    @property
    def plan(self) -> Plan:
        """As it is now."""
        return self.schedule.plan

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
        session.total = len(plan.asked) + len(plan.made) - len(session.curves.unneeded)
        session.say(RunPlanned(session.total, session.answered, session.estimate.seconds_left()))
        _say_what_auto_leaves_out(session, plan.suite)
        session.say_of_tasks()
        spared = savings(plan, pending) if session.deadline is None else ""
        for line in (self.schedule.order_of_costs(pending), substitutes(plan), spared):
            if line:
                session.say(Message(line))
        session.run(list(self.schedule.jobs(pending)))
        answered = session.done.keys() | session.curves.unneeded
        if session.deadline is not None and (line := left_out(self.plan, answered, families=session.sample)):
            session.say(Message(line))

    def outcome(self, interrupted: bool) -> RunOutcome:
        """What was done, and the records that the suite has now."""
        plan, session = self.plan, self.session
        unneeded = session.curves.unneeded
        asked = [trial for trial in plan.asked if trial.key not in unneeded]
        found = (session.done.get(trial.key) or session.find(trial) for trial in (*asked, *plan.made))
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
            remaining=sum(trial.key not in session.done for trial in asked),
            interrupted=interrupted,
            published=tuple(r for r in session.store.records(kind="published") if r.trial.model in models),
        )


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

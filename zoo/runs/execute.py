"""A suite is run: pending trials are measured, each record is kept at once, done trials are skipped."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zoo.errors import ScriptError, ZooError
from zoo.outcome import Outcome, Status, outcome_of
from zoo.registry.naming import NO_WEIGHTS
from zoo.runs.events import Message, RunPlanned, StepProgress, TrialStarted
from zoo.runs.executors.local import JobProcess
from zoo.runs.jobs.training import PretrainRequest, TransferRequest
from zoo.runs.plan.cost import plan_cost, twin_keys
from zoo.runs.plan.missing import missing_weights
from zoo.runs.plan.pretrain import plan_pretraining
from zoo.runs.plan.transfer import check_shots, check_weights, plan_transfer, skipped_images
from zoo.runs.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.cost.protocol import Protocol
    from zoo.results.record import Record
    from zoo.runs.events import Event
    from zoo.runs.plan.cost import PlannedCost
    from zoo.runs.plan.pretrain import PlannedPretraining
    from zoo.runs.plan.transfer import PlannedTransfer
    from zoo.runs.suite.suite import CostPlan, Suite


@dataclass(frozen=True)
class RunOutcome:
    """What a run did, and every record its suite now has on this machine.

    Attributes
    ----------
    run_id : str
        Shared by the records measured now.
    records : tuple of Record
        The latest record of each trial of the suite, measured now or before, in the suite's order.
    measured, skipped : int
        Trials measured now, and trials found done.
    failed : int
        How many of ``records`` are ``failed``, ``oom`` or ``timeout``.
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
        Told of every step; see :mod:`zoo.runs.events`.
    max_seconds : float, optional
        Start no further cohort or training after so many seconds.

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
    from zoo.machine.differences import machine_key
    from zoo.machine.fingerprint import fingerprint
    from zoo.processes.script import leave_if_in_a_worker
    from zoo.registry.sources.user import load_user_models
    from zoo.results.store.store import Store

    leave_if_in_a_worker()
    load_user_models()
    environment = fingerprint()
    with Store(store_url) as store:
        run = Session(
            suite=suite,
            store=store,
            environment=environment,
            machine=machine_key(environment),
            say=on_event or (lambda _event: None),
            deadline=None if max_seconds is None else time.monotonic() + max_seconds,
            again=again,
            retry=retry,
            missing=missing_weights(suite),
        )
        interrupted = False
        try:
            _run_all(run)
        except KeyboardInterrupt:
            interrupted = True
        # Planned anew: weights that were made meanwhile have given their trials other keys.
        asked = [item.trial for item in plan_cost(suite)] + [item.trial for item in plan_transfer(suite)]
        made = [item.trial for item in plan_pretraining(suite)]
        remaining = sum(trial.key not in run.done for trial in asked)
        records = tuple(
            record
            for trial in (*asked, *made)
            if (record := run.done.get(trial.key) or store.find(trial.key, run.machine)) is not None
        )
        models = {trial.model for trial in asked}
        published = tuple(r for r in store.records(kind="published") if r.trial.model in models)
    bad = (Status.FAILED, Status.OOM, Status.TIMEOUT)
    return RunOutcome(
        run_id=run.id,
        records=records,
        measured=run.measured,
        skipped=run.answered - run.measured,
        failed=sum(record.outcome.status in bad for record in records),
        remaining=remaining,
        interrupted=interrupted,
        published=published,
    )


def _run_all(run: Session) -> None:
    costs = plan_cost(run.suite)
    made = plan_pretraining(run.suite)
    for item in made:
        if item.at_hand:
            _recall(run, item)
    pretrainings = [item for item in made if not item.at_hand]
    transfers = plan_transfer(run.suite)
    check_weights(run.suite, transfers)
    run.skipped_images = skipped_images(run.suite)
    pending_costs = run.skip_done((item.trial for item in costs), twin_keys(costs))
    # Weights still to be made change the keys of the trials that use them: those are looked up afterwards.
    waiting = {item.model for item in pretrainings}
    later = [item.trial for item in transfers if _waits(item, waiting)]
    pending = run.skip_done(item.trial for item in transfers if not _waits(item, waiting))
    run.estimate.expect([*later, *(item.trial for item in pretrainings)])
    if pending or later:
        check_shots(run.suite)
    run.total = len(costs) + len(transfers) + len(made)
    run.say(RunPlanned(run.total, run.answered, run.estimate.seconds_left()))
    _say_what_auto_leaves_out(run)
    run.say_what_is_skipped()
    _run_costs(run, [item for item in costs if item.trial.key in pending_costs])
    if pending or later:
        _run_transfers(run, pretrainings, transfers, pending)


def _say_what_auto_leaves_out(run: Session) -> None:
    from zoo.machine.devices import ignored_gpu

    cost, transfer = run.suite.cost, run.suite.transfer
    asked = (*(cost.devices if cost else ()), *((transfer.device,) if transfer else ()))
    if "auto" in asked and (line := ignored_gpu()):
        run.say(Message(line))


def _recall(run: Session, item: PlannedPretraining) -> None:
    """Take weights that are at hand as a trial that is done; its record is made from their card if need be."""
    from zoo.regimes.pretrain import recalled

    run.answered += 1
    record = run.store.find(item.trial.key, run.machine)
    outcome = recalled(item.model, item.task)
    # A record of weights that were made anew since tells of others than those at hand.
    same = record is not None and outcome is not None and _digest_of(record.outcome) == _digest_of(outcome)
    if outcome is not None and not same:
        record = run.record(item.trial, outcome)
        run.store.add(record)
    if record is not None:
        run.done[item.trial.key] = record


def _digest_of(outcome: Outcome) -> str:
    return str(outcome.notes.get("sha256", ""))


def _waits(item: PlannedTransfer, waiting: set[str]) -> bool:
    return item.trial.model in waiting and item.job.weights is not None


def _run_costs(run: Session, planned: list[PlannedCost]) -> None:
    if not planned or run.out_of_time():
        return
    from zoo.cost.measure import measure_cost

    assert run.suite.cost is not None
    protocol = _protocol(run.suite.cost)
    trials = {item.case.label: item.trial for item in planned}
    outcomes = measure_cost(
        [item.case for item in planned],
        protocol,
        on_event=lambda event: run.say(_cost_progress(event)),
    )
    try:
        for case, outcome in outcomes:
            run.keep(trials[case.label], outcome)
            if run.out_of_time():
                return
    finally:
        outcomes.close()


def _protocol(plan: CostPlan) -> Protocol:
    """The measuring protocol, with the limits that a suite sets itself."""
    from zoo.cost.protocol import Protocol

    protocol = Protocol()
    if plan.cohort_budget_s is not None:
        protocol = replace(protocol, cohort_budget_s=plan.cohort_budget_s)
    if plan.timeout_s is not None:
        protocol = replace(protocol, start_timeout_s=plan.timeout_s, call_timeout_s=plan.timeout_s)
    return protocol


def _cost_progress(event: Any) -> Event:
    return TrialStarted(None, str(event))


def _run_transfers(
    run: Session, pretrainings: list[PlannedPretraining], transfers: list[PlannedTransfer], pending: set[str]
) -> None:
    from zoo.machine.devices import all_cores

    plan = run.suite.transfer
    assert plan is not None
    threads = all_cores()
    missing = {item.model: item for item in pretrainings}
    process = JobProcess()
    try:
        for model in dict.fromkeys(item.trial.model for item in transfers):
            # A model's process goes with it: its memory and its threads do not outlive its rows. The control
            # without a model has nothing to start afresh for.
            mine = [item for item in transfers if item.trial.model == model]
            if mine[0].trial.weights != NO_WEIGHTS:
                process.close()
            if model in missing and not run.out_of_time():
                _pretrain(run, process, missing[model], plan.timeout_s, threads)
                for item in mine:
                    if _waits(item, {model}):
                        run.estimate.pending.pop(item.trial.key, None)
                mine = [item for item in plan_transfer(run.suite) if item.trial.model == model]
                pending |= run.skip_done(item.trial for item in mine if _waits(item, {model}))
            for item in mine:
                if item.trial.key in pending and not run.out_of_time():
                    _transfer(run, process, item, plan.timeout_s, threads)
    finally:
        process.close()


def _pretrain(run: Session, process: JobProcess, planned: PlannedPretraining, timeout_s: float, threads: int) -> None:
    label = f"training {planned.model} on {planned.task}"
    run.say(Message(f"no published weights of {planned.model} at hand: {label}"))
    run.say(TrialStarted(planned.trial, label))
    try:
        outcome = process.run(
            PretrainRequest(planned, threads),
            timeout_s=timeout_s,
            on_step=lambda step, total: run.say(StepProgress(label, step, total)),
        )
    except ScriptError:
        raise
    except ZooError as error:
        outcome = outcome_of(error, time.time(), 0.0)
    run.keep(planned.trial, outcome)


def _transfer(run: Session, process: JobProcess, item: PlannedTransfer, timeout_s: float, threads: int) -> None:
    job = item.job
    label = f"{item.trial.display_name} {job.strategy} on {job.task}, {job.shots} shots, seed {job.seed}"
    run.say(TrialStarted(item.trial, label))
    if item.blocked:
        run.keep(item.trial, Outcome(Status.FAILED, item.blocked, started=time.time()))
        return
    try:
        outcome = process.run(
            TransferRequest(job, item.device, threads),
            timeout_s=timeout_s,
            on_step=lambda step, total: run.say(StepProgress(label, step, total)),
        )
    except ScriptError:
        raise
    except ZooError as error:
        outcome = outcome_of(error, time.time(), 0.0)
    run.keep(item.trial, outcome)

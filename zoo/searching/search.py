"""A search for the backbone of a user's images, within a budget of time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.candidates.candidates import find_candidates
from zoo.choice.choice import choose
from zoo.choice.limits import violations
from zoo.errors import ZooError, option
from zoo.executors.events import Message
from zoo.executors.local import LOCAL
from zoo.machine.devices import resolve_device
from zoo.machine.fingerprint import fingerprint
from zoo.plans.checkpoints import private_paths
from zoo.plans.tasks import check_shots, distinct_tasks, read_tasks, usual_shots
from zoo.processes.script import leave_if_in_a_worker
from zoo.processes.turn import turn
from zoo.registry.catalogue import get
from zoo.results.view import Results
from zoo.runs.execute import run_suite
from zoo.runs.session import Session
from zoo.searching.candidates import bring, models_at_hand, within
from zoo.searching.checkpoints import forget
from zoo.searching.clock import Clock
from zoo.searching.finding import Finding
from zoo.searching.rungs import Rungs
from zoo.searching.runner import Runner
from zoo.searching.trail import COSTS, Trail
from zoo.searching.trials import planned_for
from zoo.sources.user import load_user_models
from zoo.store.store import Store
from zoo.suites.suite import CostPlan, Suite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zoo.executors.base import Executor
    from zoo.executors.events import Event
    from zoo.plans.transfer import PlannedTransfer
    from zoo.results.record import Record
    from zoo.searching.question import Question
    from zoo.suites.suite import TransferPlan


NAME = "choose"
"""Of the suite that a search's records are of."""


def search(question: Question, store_url: str, say: Callable[[Event], None], began: float) -> Finding:
    """Look for the backbone of some images.

    Candidates by what is known and timed of them, cheap scores of frozen features, successive halving over model,
    strategy and learning rate on training images held out, and a last round of a few that are tested, with seeds.
    The test images decide nothing before. Every step is a record: a search that is asked the same again goes on. Its
    time counts from ``began``, on the monotonic clock.

    Raises
    ------
    ZooError
        For what the caller has to mend, before anything is computed.
    KeyboardInterrupt
        After Ctrl-C; what was found is kept.
    """
    leave_if_in_a_worker()
    clock, trail = Clock(question.budget_s, began), Trail()
    load_user_models()
    tell = _teller(say)
    plan = question.plan()
    suite = Suite(name=NAME, models=("",), transfer=plan)
    read_tasks(suite, say)
    if question.shots is None:
        plan = replace(plan, shots=usual_shots(plan.tasks, plan.corrupt, tell))
    check_shots(replace(suite, transfer=plan))
    if question.fetch:
        bring(question.models, question.limits, tell)
    names = list(question.models) or models_at_hand(plan.own_tag)
    if not names:
        raise ZooError(f"no weights are at hand to search among; `zoo fetch NAME`, or {option('fetch', 'True')}")
    names = within(names, question.limits, plan.own_tag, trail, clock.spent)
    costs, names = _timed(question, names, clock, trail, store_url, say)
    if not names:
        return _finding(question, plan, costs, [], clock, trail)
    suite = replace(suite, models=tuple(names), transfer=plan)
    with turn(lambda line: say(Message(line))), Store(store_url) as store, LOCAL.staying() as executor:
        session = _session(suite, store, executor, clock, say)
        rungs = _rungs(question, suite, session, clock, trail)
        arms = rungs.halving(rungs.scores())
        tested = rungs.last(arms)
        leading = rungs.leading
        if arms and all(any(r.trial.display_name == arm.model for r in tested) for arm in arms):
            forget(rungs.runner.digest)
    first = bool(arms) and arms[0].name == leading
    return _finding(question, plan, costs, tested, clock, trail, leading, first=first)


def _teller(say: Callable[[Event], None]) -> Callable[[str], None]:
    return lambda line: say(Message(line))


def _session(suite: Suite, store: Store, executor: Executor, clock: Clock, say: Callable[[Event], None]) -> Session:
    assert suite.transfer is not None
    session = Session(
        suite=NAME,
        store=store,
        executor=executor,
        machine=fingerprint(),
        say=say,
        deadline=clock.deadline,
        retry=True,
    )
    session.tasks = {task.digest: task for task in distinct_tasks(suite.transfer).values()}
    session.estimate.tasks = session.tasks
    session.private = (*suite.transfer.tasks, *private_paths(suite))
    session.say_of_tasks()
    return session


def _rungs(question: Question, suite: Suite, session: Session, clock: Clock, trail: Trail) -> Rungs:
    (task,) = session.tasks.values()
    planned = planned_for(suite)
    runner = Runner(session, clock, trail, question.digest(task.digest))
    return Rungs(question, runner, task, planned, {name: _facts(items) for name, items in planned.items()})


def _facts(items: Sequence[PlannedTransfer]) -> tuple[float | None, float]:
    """Published top-1 in percent of a model's weights, and its MACs at the size of the images."""
    trial = items[0].trial
    spec = get(trial.model)
    top1 = get(trial.display_name).top1 if trial.weights in spec.tags else None
    return top1, spec.estimated_macs(trial.transfer.input_size or spec.input_size) or 0.0


def _timed(
    question: Question,
    names: list[str],
    clock: Clock,
    trail: Trail,
    store_url: str,
    say: Callable[[Event], None],
) -> tuple[list[Record], list[str]]:
    """Costs that the limits are on, and the models that they leave."""
    metrics = question.metrics
    if not metrics or not names:
        return [], names
    device = resolve_device(question.device)
    plan = CostPlan(devices=(device,), metrics=metrics, threads=("all",), aa_pair=False)
    suite = Suite(name=NAME, models=tuple(names), cost=plan)
    outcome = run_suite(suite, store_url=store_url, retry=True, on_event=say, max_seconds=max(1.0, clock.left(COSTS)))
    if outcome.interrupted:
        raise KeyboardInterrupt
    records = list(outcome.records)
    if not any(record.outcome.metrics for record in records):
        for name in names:
            trail.note(name, COSTS, "", "not timed in the time", clock.spent)
        return records, []
    candidates, _ = find_candidates(Results(records))
    broken = {one.model: "; ".join(map(str, violations(one, question.timed))) for one in candidates}
    kept = []
    for name in names:
        why = broken.get(get(name).model, "not timed in the time")
        trail.note(name, COSTS, "", why, clock.spent)
        if not why:
            kept.append(name)
    return records, kept


def _finding(
    question: Question,
    plan: TransferPlan,
    costs: list[Record],
    tested: list[Record],
    clock: Clock,
    trail: Trail,
    leading: str = "",
    *,
    first: bool = True,
) -> Finding:
    (task,) = distinct_tasks(plan).values()
    records = [*costs, *tested]
    choice = None
    if tested or (costs and not leading):
        choice = choose(
            Results(records), "accuracy", question.limits, measure=question.measure, margins=question.margins
        )
    return Finding(choice, trail, task.name, question.budget_s, clock.spent, leading, first)

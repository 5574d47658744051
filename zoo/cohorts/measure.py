"""Cases in, outcomes out: groups of cohorts, run in their processes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from zoo.cohorts.cohort import run_cohort
from zoo.cohorts.curves import Curves
from zoo.cohorts.groups import ANCHOR, held_by, plan_groups
from zoo.cohorts.shares import needs_of
from zoo.cost.engines import ENGINES
from zoo.cost.protocol import Protocol
from zoo.cost.settings import KEPT
from zoo.cost.worker.process import WorkerProcess
from zoo.machine.prior import EFFECTIVE_MACS_PER_S
from zoo.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

    from zoo.cohorts.events import CostEvent
    from zoo.cohorts.groups import Cohort, Group, Held
    from zoo.cohorts.shares import Allowance
    from zoo.cost.case import Case
    from zoo.outcome import Outcome
    from zoo.statistics.curve import CurvePoint

    Say = Callable[[CostEvent], None]
    Outcomes = Generator[tuple[Case, Outcome], None, None]


def measure_cost(
    cases: Sequence[Case],
    protocol: Protocol | None = None,
    anchor: str | None = ANCHOR,
    on_event: Say | None = None,
) -> Outcomes:
    """Measure cases in interleaved rounds, each model in a process of its own.

    Parameters
    ----------
    cases : sequence of Case
        Labels are unique.
    protocol : Protocol, optional
    anchor : str or None
        A model measured in every cohort as a yardstick, beside the cases unless it is one of them.
    on_event : callable, optional
        Called with every step.

    Yields
    ------
    (Case, Outcome)
        As soon as a case is resolved, has failed, or its cohort's budget is spent. Closing the generator ends
        all processes.
    """
    protocol = protocol or Protocol()
    say = on_event or (lambda _event: None)
    for group in plan_groups(cases, protocol.cohort_size, anchor):
        yield from run_group(group, protocol, say)


def run_group(
    group: Group,
    protocol: Protocol,
    say: Say,
    allowance: Allowance | None = None,
    earlier: Mapping[str, Outcome] | None = None,
    known: Iterable[tuple[Case, CurvePoint]] = (),
) -> Outcomes:
    """Measure the cohorts of one group in processes that they share.

    Within the time that is allowed for all of them, where a run's is limited, and from the rounds of earlier outcomes
    on, by label, where there are some. Points of a curve stand in the order of their batches, behind those that are
    known from before.

    Yields
    ------
    (Case, Outcome)
        Of each case that was asked for, but those beyond the end of a curve. Closing the generator ends all
        processes.
    """
    workers: dict[Held, WorkerProcess] = {}
    curves, rounds = Curves(group.cases, known), earlier or {}

    def needed(cohort: Cohort) -> list[Case]:
        return [case for case in cohort.cases if case.label in rounds or curves.needs(case)]

    try:
        begun, needs = time.monotonic(), needs_of(group, protocol, EFFECTIVE_MACS_PER_S)
        rounds_s = sum(need.round for need in needs) or 1.0
        for need, cohort in zip(needs, group.cohorts, strict=True):
            cases = needed(cohort)
            if not cases:
                continue
            own = None if allowance is None else allowance.of(need.round / rounds_s, time.monotonic() - begun)
            for case, outcome in _run_cohort(cohort.of(cases), workers, protocol, say, own, rounds):
                curves.add(case, outcome)
                yield case, outcome
    finally:
        for worker in workers.values():
            worker.close()


def _run_cohort(
    cohort: Cohort,
    workers: dict[Held, WorkerProcess],
    protocol: Protocol,
    say: Say,
    allowance: Allowance | None,
    earlier: Mapping[str, Outcome],
) -> Outcomes:
    for case in cohort.everyone:
        if held_by(case) not in workers or not workers[held_by(case)].alive:
            workers[held_by(case)] = started(case, protocol)
    running = {case: workers[held_by(case)] for case in cohort.everyone}
    crowded = []
    for case, outcome in run_cohort(running, cohort.anchor, protocol, say, allowance=allowance, earlier=earlier):
        if outcome.status == Status.OOM and case.settings.device != "cpu" and len(running) > 1:
            crowded.append(case)
        elif case in cohort.cases:
            yield case, outcome
    for case in [case for case in crowded if case in cohort.cases]:
        # The others' models and contexts lie on the same GPU: what it cannot hold beside them may fit alone.
        for worker in workers.values():
            worker.close()
        alone = workers[held_by(case)] = started(case, protocol)
        yield from run_cohort({case: alone}, None, protocol, say, allowance=allowance)


def started(case: Case, protocol: Protocol) -> WorkerProcess:
    """The process of a case, which has built nothing yet."""
    forks = ENGINES.get(case.settings.engine).forks
    keeps = case.settings.allocator == KEPT
    return WorkerProcess(case.model, case.weights, protocol, case.settings.device, forks=forks, keeps_memory=keeps)

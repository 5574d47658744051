"""Models measured in turns, whose rounds share a machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from zoo.cohorts.groups import plan_groups
from zoo.cohorts.measure import run_group
from zoo.executors.events import TrialStarted
from zoo.executors.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from zoo.cohorts.groups import Group
    from zoo.cohorts.shares import Allowance
    from zoo.cost.case import Case
    from zoo.cost.protocol import Protocol
    from zoo.executors.events import Event
    from zoo.outcome import Outcome
    from zoo.plans.cost import PlannedCost
    from zoo.results.trial import Trial
    from zoo.statistics.curve import CurvePoint


@dataclass(frozen=True, kw_only=True)
class CohortJob(Job):
    """A few models at all their settings, trials in order of the cases.

    Attributes
    ----------
    group : Group
    protocol : Protocol
    allowance : Allowance or None
        Its share of a run's time; None for the protocol's own budgets.
    earlier : mapping of str to Outcome
        By label of the case: rounds that go on.
    known : tuple of (Case, CurvePoint)
        Points of curves that were measured before; trials beyond the end of a curve are not answered.
    """

    RUNNER: ClassVar[str] = "zoo.runs.jobs.cohort:run"
    OWN_PROCESSES: ClassVar[bool] = True
    ALONE: ClassVar[bool] = True

    group: Group
    protocol: Protocol
    allowance: Allowance | None = None
    earlier: Mapping[str, Outcome] = field(default_factory=dict)
    known: tuple[tuple[Case, CurvePoint], ...] = ()


def cohort_jobs(
    planned: Sequence[PlannedCost], protocol: Protocol, known: tuple[tuple[Case, CurvePoint], ...] = ()
) -> list[CohortJob]:
    """The jobs of cost trials, the cheapest models first."""
    trials = {item.case.label: item.trial for item in planned}
    return [
        CohortJob(
            trials=tuple(trials[case.label] for case in group.cases),
            label="measuring " + ", ".join(dict.fromkeys(case.model.rpartition("/")[2] for case in group.cases)),
            device=group.cases[0].settings.device,
            group=group,
            protocol=protocol,
            known=known,
        )
        for group in plan_groups([item.case for item in planned], protocol.cohort_size)
    ]


def run(job: CohortJob, say: Callable[[Event], None]) -> Iterator[tuple[Trial, Outcome]]:
    """Measure the models, until the iterator is closed."""
    trials = {case.label: trial for case, trial in zip(job.group.cases, job.trials, strict=True)}
    outcomes = run_group(
        job.group,
        job.protocol,
        lambda event: say(TrialStarted(None, str(event))),
        job.allowance,
        job.earlier,
        job.known,
    )
    try:
        for case, outcome in outcomes:
            yield trials[case.label], outcome
    finally:
        outcomes.close()

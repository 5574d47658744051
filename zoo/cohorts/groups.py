"""Cohorts, whose rounds interleave, and groups, which share processes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.cost.case import HIDDEN, Case
from zoo.cost.engines import ENGINES
from zoo.cost.metrics import METRICS
from zoo.errors import ZooError
from zoo.models.input_size import takes
from zoo.registry.catalogue import get

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.cost.settings import CostSettings


ANCHOR = "torchvision/resnet18"
"""The common yardstick of every cohort, and the model of the A/A pair."""

ANCHOR_SIDE = "anchor_px"
"""Note of an outcome: the side of the anchor's images."""

MOST_OF_ANCHOR = 8
"""Images a call of an anchor beside a curve: it tells of the machine's drift, and need not be as slow as the rest."""

Held = tuple[str, str | Path | None, int]
"""Model, weights and replica: what a process holds, whatever it is measured at."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Cases at one setting, measured in interleaved rounds.

    Attributes
    ----------
    cases : tuple of Case
        Those that were asked for.
    anchor : Case or None
        Measured as long as any other: one of ``cases``, or one beside them.
    """

    cases: tuple[Case, ...]
    anchor: Case | None

    @property
    def everyone(self) -> tuple[Case, ...]:
        """The cases, and the anchor last where it is beside them."""
        beside = self.anchor is not None and self.anchor not in self.cases
        return (*self.cases, self.anchor) if beside and self.anchor is not None else self.cases

    def of(self, cases: Sequence[Case]) -> Cohort:
        """The cohort of some of its cases, with an anchor where it has one."""
        if len(cases) == len(self.cases):
            return self
        return Cohort(tuple(cases), None if self.anchor is None else anchor_for(cases, self.anchor.model))


@dataclass(frozen=True, slots=True)
class Group:
    """Cohorts that the same processes serve, one after the other.

    One job for one machine.
    """

    cohorts: tuple[Cohort, ...]

    @property
    def cases(self) -> tuple[Case, ...]:
        """Every case that was asked for."""
        return tuple(case for cohort in self.cohorts for case in cohort.cases)


def plan_groups(cases: Sequence[Case], size: int, anchor: str | None = ANCHOR) -> list[Group]:
    """Cases by the processes that serve them, and by setting within.

    Those that share device, precision, memory format, engine and form share processes, but for metrics that train or
    build models of their own. A group has at most ``size``
    models, the halves of an A/A pair together, the cheapest models first.

    Parameters
    ----------
    cases : sequence of Case
        Labels are unique.
    size : int
    anchor : str or None
        A model measured in every cohort as a yardstick, beside the cases unless it is one of them.
    """
    groups = []
    for way in dict.fromkeys(_served_by(case.settings) for case in cases):
        mine = [case for case in cases if _served_by(case.settings) == way]
        for held in _shares(mine, size):
            served = [case for case in mine if held_by(case) in held]
            settings = dict.fromkeys(_setting(case.settings) for case in served)
            groups.append(Group(tuple(_cohort(served, setting, anchor) for setting in settings)))
    return groups


def _served_by(settings: CostSettings) -> tuple[object, ...]:
    """What is alike of cases whose models may share a process."""
    metric, engine = METRICS.get(settings.metric), ENGINES.get(settings.engine)
    return engine.built_for(settings), metric.trains, metric.take_afresh is not None


def held_by(case: Case) -> Held:
    """What the process of a case holds."""
    return case.model, case.weights, case.replica


def _shares(cases: list[Case], size: int) -> list[list[Held]]:
    """What is held by the processes of each group."""
    by_model: dict[tuple[str, str | Path | None], list[Held]] = {}
    for case in sorted(cases, key=work_of):
        pair = by_model.setdefault((case.model, case.weights), [])
        if held_by(case) not in pair:
            pair.append(held_by(case))
    found: list[list[Held]] = [[]]
    for pair in by_model.values():
        if found[-1] and len(found[-1]) + len(pair) > size:
            found.append([])
        found[-1] += pair
    return [share for share in found if share]


def _cohort(cases: list[Case], setting: tuple[str, int, int], anchor: str | None) -> Cohort:
    chosen = [case for case in cases if _setting(case.settings) == setting]
    anchored = METRICS.get(chosen[0].settings.metric).anchored
    return Cohort(tuple(chosen), anchor_for(chosen, anchor if anchored else None))


def anchor_note(unit: str) -> str:
    """Name of the note of an outcome that holds the anchor's number."""
    return f"anchor_{unit}"


def anchor_for(cases: Sequence[Case], anchor: str | None) -> Case | None:
    """The case that is the anchor, or one beside the cases, at their setting.

    Its images have the cases' size where all have one and the anchor takes it, else the size of its own. On a curve
    it is called with at most eight.
    """
    if anchor is None:
        return None
    for case in cases:
        if case.model == anchor and case.replica == 0:
            return case
    sizes = {case.settings.input_size for case in cases}
    size = get(anchor).input_size
    if len(sizes) == 1 and _takes(anchor, size[0], *sizes):
        size = sizes.pop()
    batch = cases[0].settings.batch
    batch = min(batch, MOST_OF_ANCHOR) if cases[0].on_curve else batch
    settings = replace(cases[0].settings, batch=batch, input_size=size, replica=HIDDEN, code="")
    return Case(label="anchor", model=anchor, weights=None, settings=settings)


def _takes(model: str, channels: int, size: tuple[int, int, int]) -> bool:
    return size[0] == channels and size[1] == size[2] and takes(model, size[1])


def _setting(settings: CostSettings) -> tuple[str, int, int]:
    return settings.metric, settings.batch, settings.threads


def work_of(case: Case) -> float:
    """Estimated MACs of one image at the case's size, infinite where unknown."""
    try:
        spec = get(case.model)
    except ZooError:
        return float("inf")
    estimate = spec.estimated_macs(case.settings.input_size)
    return float("inf") if estimate is None else estimate

"""The costs of a plan in turns: which models are measured before others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.cohorts.groups import work_of
from zoo.errors import ZooError
from zoo.plans.risk import LARGE, SLOW, UNCOUNTED, risk
from zoo.plans.sample import turn_in_family
from zoo.registry.catalogue import get

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from zoo.plans.cost import PlannedCost
    from zoo.plans.risk import Bounds

_Model = tuple[str, "str | Path | None"]
"""A model with its weights."""

MANY = 50
"""Models from which on it is said in which order they come."""

WORDS = {
    SLOW: "{} whose calls are slow here",
    LARGE: "{} that would fill the memory together",
    UNCOUNTED: "{} that nobody has counted",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """Costs that are measured before those of the next turn.

    Attributes
    ----------
    items : tuple of PlannedCost
    cohort_size : int
        How many models share a cohort.
    """

    items: tuple[PlannedCost, ...]
    cohort_size: int


@dataclass(frozen=True)
class Turns:
    """Every cost of a plan, and when its turn is.

    Attributes
    ----------
    risks : mapping
        Why a model comes last, by model; empty where it does not.
    order : mapping
        At which turn of its family a model comes.
    cohort_size : int
        Models in a cohort, beside those that come last: each of these has one of its own.
    """

    risks: Mapping[_Model, str]
    order: Mapping[_Model, int]
    cohort_size: int

    def of(self, items: Iterable[PlannedCost]) -> Iterator[Turn]:
        """Put costs in turns, those without risk before the others."""
        safe: dict[int, list[PlannedCost]] = {}
        risky: dict[int, list[PlannedCost]] = {}
        for item in items:
            model = _model(item)
            part = risky if self.risks[model] else safe
            part.setdefault(self.order[model], []).append(item)
        for part, size in ((safe, self.cohort_size), (risky, 1)):
            for together in _full(part, size):
                yield Turn(tuple(together), size)

    def said(self, items: Sequence[PlannedCost]) -> str:
        """One line on the order of some costs.

        Empty of few models without risk, where the order is nothing that a reader asks about.
        """
        models = dict.fromkeys(map(_model, items))
        sampled = any(self.order[model] for model in models)
        risks = Counter(self.risks[model] for model in models if self.risks[model])
        if not risks and not sampled and len(models) < MANY:
            return ""
        families = len({family_of(model) for model, _ in models})
        first = "one of each family first, then another of each" if sampled else "the cheapest first"
        line = f"{counted(len(models), 'model')} of {counted(families, 'family', 'families')}, {first}"
        if risks:
            told = ", ".join(WORDS[risk].format(risks[risk]) for risk in WORDS if risk in risks)
            line += f"; last, and each by itself: {told}"
        return line


def turns(planned: Sequence[PlannedCost], most: Bounds, cohort_size: int, *, sample: bool = False) -> Turns:
    """When the turn of each model is.

    Parameters
    ----------
    planned : sequence of PlannedCost
        All of the plan, done or not, so that a run that goes on keeps the order.
    most : Bounds
        Of a model that shares a cohort.
    cohort_size : int
    sample : bool
        Whether each family has one model measured before any has its second.
    """
    risks: dict[_Model, str] = {}
    works: dict[_Model, float] = {}
    for item in planned:
        model = _model(item)
        risks[model] = risks.get(model) or risk(item.trial, most)
        works[model] = work_of(item.case)
    order = dict.fromkeys(risks, 0)
    if sample:
        for part in ([model for model in risks if not risks[model]], [model for model in risks if risks[model]]):
            order |= turn_in_family({model: (family_of(model[0]), works[model]) for model in part})
    return Turns(risks, order, cohort_size)


def family_of(model: str) -> str:
    """The family of a model, itself where nobody knows it."""
    try:
        return get(model).family
    except ZooError:
        return model


def _model(item: PlannedCost) -> _Model:
    return item.case.model, item.case.weights


def _full(turns: Mapping[int, list[PlannedCost]], size: int) -> Iterator[list[PlannedCost]]:
    """Turns one after the other; those of late, too few models to fill a cohort, together."""
    waiting: list[PlannedCost] = []
    for turn in sorted(turns):
        waiting += turns[turn]
        if len({_model(item) for item in waiting}) >= size:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def counted(count: int, one: str, more: str = "") -> str:
    """``1 family``, ``2 families``."""
    return f"{count} {one if count == 1 else more or f'{one}s'}"

"""In which order a suite's trainings run, and what a budget left out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from zoo.plans.turns import counted, family_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from zoo.plans.cost import PlannedCost
    from zoo.plans.plan import Plan
    from zoo.plans.transfer import PlannedTransfer
    from zoo.results.trial import Trial


NAMED = 3
"""Cells named in a line; the others are counted."""


def in_order(plan: Plan, seconds_of: Callable[[Trial], float] | None = None) -> Iterator[tuple[str, list[int]]]:
    """Models, and where in the plan the trainings are that run together.

    A model's trainings stay together, whose process then starts once.

    Parameters
    ----------
    plan : Plan
    seconds_of : callable, optional
        Expected seconds of a trial. With it every cell has its first seed before any has its second, so that what a
        budget cuts is a whole table: of the first seed first what needs no training, and then the cheap models and
        trainings before the dear ones. Weights that are to be made make a model dearer.
    """
    items = plan.transfers
    if seconds_of is None:
        for model in dict.fromkeys(item.trial.model for item in items):
            yield model, [index for index, item in enumerate(items) if item.trial.model == model]
        return
    costs = [seconds_of(item.trial) for item in items]
    making = {model: seconds_of(made.trial) for model, made in plan.to_make.items()}
    groups: dict[tuple[int, bool, str], list[int]] = {}
    for index, item in enumerate(items):
        settings = item.trial.transfer
        trains = settings.seed > 0 or settings.recipe is not None or plan.waits(item)
        groups.setdefault((settings.seed, trains, item.trial.model), []).append(index)

    def dearness(key: tuple[int, bool, str]) -> tuple[int, bool, float]:
        seed, trains, model = key
        waits = any(plan.waits(items[index]) for index in groups[key])
        return seed, trains, (making[model] if waits else 0.0) + sum(costs[index] for index in groups[key])

    for key in sorted(groups, key=dearness):
        # What waits for weights is planned anew together.
        yield key[2], sorted(groups[key], key=lambda index: (plan.waits(items[index]), costs[index]))


def left_out(plan: Plan, done: Container[str], *, families: bool = False) -> str:
    """A line on what has no record when the time is over.

    Empty where all has one.

    Parameters
    ----------
    plan : Plan
    done : container of str
        Keys of trials.
    families : bool
        Name the families of which nothing was timed.
    """
    missing = [item for item in plan.transfers if item.trial.key not in done]
    costs = sum(item.trial.key not in done for item in plan.costs)
    parts = [counted(costs, "timing")] if costs else []
    if families and (
        unseen := _families(plan.costs) - _families(item for item in plan.costs if item.trial.key in done)
    ):
        parts.append(f"of {counted(len(unseen), 'family', 'families')} nothing: {_named(sorted(unseen))}")
    if missing:
        seeds = Counter(item.trial.transfer.seed for item in missing)
        parts.append(
            ", ".join(f"{count} training{'s' * (count != 1)} of seed {seed}" for seed, count in sorted(seeds.items()))
        )
        whole = _unseen(plan, missing, done)
        parts += [f"of these cells nothing: {_named(whole)}"] if whole else []
    return f"the time is over; left out: {'; '.join(parts)}" if parts else ""


def _families(costs: Iterable[PlannedCost]) -> set[str]:
    return {family_of(model) for model in {item.trial.model for item in costs}}


def _unseen(plan: Plan, missing: list[PlannedTransfer], done: Container[str]) -> list[str]:
    """Cells of which no seed was run."""
    there = {_cell(item) for item in plan.transfers if item.trial.key in done}
    return [cell for cell in dict.fromkeys(map(_cell, missing)) if cell not in there]


def _cell(item: PlannedTransfer) -> str:
    return f"{item.trial.model} {item.trial.transfer.describe_cell()}"


def _named(cells: list[str]) -> str:
    more = len(cells) - NAMED
    return ", ".join(cells[:NAMED]) + (f" and {more} more" if more > 0 else "")

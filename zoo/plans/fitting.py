"""Trainings on a user's images, made to fit the time that they have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.errors import ZooError, option
from zoo.machine.devices import resolve_device
from zoo.machine.prior import EFFECTIVE_MACS_PER_S
from zoo.models.input_size import check_input_size
from zoo.plans.estimate import BEGINNING_S, rounded, work_units
from zoo.plans.tasks import distinct_tasks, outlines
from zoo.plans.transfer import plan_transfer, trained_models
from zoo.processes.guard import Failure
from zoo.regimes.settings import STEP_PASSES
from zoo.regimes.strategies import STRATEGIES
from zoo.registry.catalogue import get
from zoo.sources.apart import ask_apart
from zoo.training.precision import BF16, FP32

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from zoo.plans.transfer import TrainedModel
    from zoo.results.trial import Trial
    from zoo.suites.suite import Suite, TransferPlan


USUAL_BUDGET_S = 600.0
"""For trainings on a user's images, where no other time is given."""

SHARE = 0.75
"""Of the budget that trainings may be expected to take: an estimate is not exact, and rates beyond are tried."""

LIGHT = 0.1
"""Of the budget, under which a first guess is trusted and no step is timed."""

PARTS_OF_STEPS = (2, 4)
PARTS_OF_SIZE = (3 / 4, 1 / 2)
"""That are tried one after the other."""

LEAST_SIDE = 64
"""Under it photographs are no longer tried smaller."""

FEWER_SHOTS = 100
"""Images a class that a large set is cut to at last."""

LEAST_GAIN = 1.2
"""By how many times a step must be faster in bf16 before a network computes in it."""

PATIENCE = 10.0
"""By how many times a training may outlast a first guess before it is given up."""


@dataclass(frozen=True, slots=True)
class Free:
    """What was not asked for, so that a budget may choose it."""

    strategies: bool
    shots: bool
    seeds: bool
    steps: bool
    size: bool
    precision: bool


def fitted(suite: Suite, budget_s: float | None, free: Free, say: Callable[[str], None]) -> Suite:
    """The most that can be trained within a budget.

    A step of each model is timed first, in a process of its own, where a first guess is not far below the budget. In
    bf16 computes what is faster so by :data:`LEAST_GAIN`. What gives way, in this order, as far as it is needed:
    training from random; half and three quarters of the steps; seeds but one; a quarter and half of the images' side;
    images over a hundred a class; at last what trains a network at all. What was asked for stays.

    Parameters
    ----------
    suite : Suite
        With a transfer part, whose tasks are read.
    budget_s : float or None
        Seconds; None for as many as it takes.
    free : Free
    say : callable
        Told in a line that steps are timed, and in others what computes in bf16 and what gave way.
    """
    plan = suite.transfer
    assert plan is not None
    if budget_s is None and not free.precision:
        return suite
    models = trained_models(suite)
    whole = _seconds(suite, models, {})
    if whole < LIGHT * (budget_s or USUAL_BUDGET_S):
        return suite
    say(f"timing a training step of {', '.join(model.name for model in models)}")
    slowness, gains = _slowness(models, plan, faster=free.precision)
    if gains:
        plan = replace(plan, in_bf16=tuple(gains))
        suite = replace(suite, transfer=plan)
        say(_in_bf16(gains))
    if budget_s is None:
        return suite
    whole = _seconds(suite, models, slowness)
    taken = suite
    for way in _ways(plan, free, models):
        taken = replace(suite, transfer=way)
        if _seconds(taken, None if way.input_size != plan.input_size else models, slowness) <= SHARE * budget_s:
            break
    assert taken.transfer is not None
    if changes := _changes(plan, taken.transfer, models):
        say(
            f"to fit the {option('budget_s')} of {rounded(budget_s).removeprefix('about ')}: {', '.join(changes)}; "
            f"without one, trainings are expected to take {rounded(whole)}"
        )
    return taken


def patience(suite: Suite) -> float:
    """Seconds after which a training of a suite is given up."""
    plan = suite.transfer
    assert plan is not None
    known = outlines(suite)
    dearest = max(
        (work_units(item.trial, known[item.trial.transfer.task_digest]) for item in plan_transfer(suite)),
        default=0.0,
    )
    return max(plan.timeout_s, PATIENCE * dearest)


def _ways(plan: TransferPlan, free: Free, models: Sequence[TrainedModel]) -> Iterator[TransferPlan]:
    """What can be trained, from the most to the least."""
    yield plan
    sides = list(_smaller(models)) if free.size and _is_of_files(plan) else []
    less = plan
    if free.strategies and (kept := _without_random(plan.strategies)) != plan.strategies:
        less = replace(less, strategies=kept)
        yield less
    for part in PARTS_OF_STEPS if free.steps else ():
        less = replace(less, recipe=replace(less.recipe, steps=max(1, plan.recipe.steps // part)))
        yield less
    if free.seeds and plan.seeds > 1:
        less = replace(less, seeds=1)
        yield less
    yield from _of_smaller(less, sides, free)
    if free.strategies:
        probes = tuple(name for name in plan.strategies if not STRATEGIES.get(name).uses_recipe)
        less = replace(plan, strategies=probes)
        yield less
        yield from _of_smaller(less, sides, free)


def _of_smaller(plan: TransferPlan, sides: Sequence[int], free: Free) -> Iterator[TransferPlan]:
    """The same on smaller images, and then on fewer."""
    for side in sides:
        plan = replace(plan, input_size=side)
        yield plan
    if free.shots and _is_large(plan):
        yield replace(plan, shots=(FEWER_SHOTS,))


def _without_random(strategies: tuple[str, ...]) -> tuple[str, ...]:
    """Strategies less those that train a network from random."""
    found = [(name, STRATEGIES.get(name)) for name in strategies]
    return tuple(name for name, one in found if not (one.uses_recipe and one.start == "random"))


def _smaller(models: Sequence[TrainedModel]) -> Iterator[int]:
    """Sides under every model's own, that every model takes."""
    for part in PARTS_OF_SIZE:
        side = int(min(model.files for model in models) * part) // 16 * 16
        if side < LEAST_SIDE:
            return
        try:
            for model in models:
                check_input_size(model.name, side)
        except ZooError:
            continue
        yield side


def _is_of_files(plan: TransferPlan) -> bool:
    return all(known.native_size is None for known in distinct_tasks(plan).values())


def _is_large(plan: TransferPlan) -> bool:
    return all(min(known.train_counts, default=0) > FEWER_SHOTS for known in distinct_tasks(plan).values())


def step_times(model: str, side: int, batch: int, device: str, precisions: Iterable[str]) -> dict[str, float]:
    """Seconds of a training step in each precision, up to one that fails.

    Timed in processes of their own; see :func:`zoo.training.step_time.seconds_a_step`.
    """
    found = {}
    for precision in precisions:
        seconds = ask_apart(model, "zoo.training.step_time:seconds_a_step", model, side, batch, device, precision)
        if isinstance(seconds, Failure):  # which is the reason of its own rows
            break
        found[precision] = seconds
    return found


def gain_of_bf16(times: Mapping[str, float]) -> float | None:
    """By how many times bf16 is faster than fp32, where that is enough."""
    if BF16 not in times or FP32 not in times or times[FP32] < LEAST_GAIN * times[BF16]:
        return None
    return times[FP32] / times[BF16]


def _slowness(
    models: Sequence[TrainedModel], plan: TransferPlan, *, faster: bool
) -> tuple[dict[str, float], dict[str, float]]:
    """By model, how many times as long as a first guess it takes.

    And by how many times bf16 is faster, of those where it is enough.
    """
    device, batch = resolve_device(plan.device), plan.recipe.batch
    precisions = (plan.precision, BF16) if faster else (plan.precision,)
    found, gains = {}, {}
    for model in models:
        size = get(model.name).input_size
        macs = get(model.name).estimated_macs((size[0], model.files, model.files))
        times = step_times(model.name, model.files, batch, device, precisions)
        if not macs or not times:
            continue
        if (gain := gain_of_bf16(times)) is not None:
            gains[model.name] = gain
        seconds = times[plan.precision if gain is None else BF16]
        found[model.name] = seconds / (batch * STEP_PASSES * macs / EFFECTIVE_MACS_PER_S)
    return found, gains


def _in_bf16(gains: Mapping[str, float]) -> str:
    named = ", ".join(f"{model} ({gain:.1f} times as fast)" for model, gain in gains.items())
    return f"computed in bf16, in which a step is faster here than in fp32: {named}; {option('precision')} sets it"


def _seconds(suite: Suite, models: Sequence[TrainedModel] | None, slowness: Mapping[str, float]) -> float:
    """Expected seconds of all trials, by how slow each model is."""
    known = outlines(suite)

    def seconds(trial: Trial) -> float:
        units = work_units(trial, known[trial.transfer.task_digest])
        return BEGINNING_S + (units - BEGINNING_S) * slowness.get(trial.model, 1.0)

    return sum(seconds(item.trial) for item in plan_transfer(suite, models))


def _changes(asked: TransferPlan, taken: TransferPlan, models: Sequence[TrainedModel]) -> list[str]:
    """What was left of what was asked for, in words."""
    found = []
    left = [name for name in asked.strategies if name not in taken.strategies]
    if left:
        found.append(f"no {' and no '.join(left)}")
    if taken.shots != asked.shots:
        found.append(f"{FEWER_SHOTS} images a class")
    if taken.recipe.steps != asked.recipe.steps:
        found.append(f"{taken.recipe.steps} steps for a hundred images in place of {asked.recipe.steps}")
    if taken.seeds != asked.seeds:
        found.append(f"{taken.seeds} of {asked.seeds} seeds")
    if taken.input_size != asked.input_size:
        own = sorted({model.files for model in models})
        found.append(f"{taken.input_size} pixels in place of {' and '.join(map(str, own))}")
    return found

"""What of a long run could be spared, and how long it would take then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.errors import option
from zoo.plans.estimate import rounded, work_units

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from zoo.plans.plan import Plan
    from zoo.regimes.settings import TransferSettings
    from zoo.results.trial import Trial


LONG_S = 120.0
"""Expected seconds from which it is said what would take less."""

FEWER_SHOTS = 10


def savings(plan: Plan, pending: Collection[str]) -> str:
    """A line on what a smaller size or fewer images would save.

    Of trainings on a user's images, where they are expected to take minutes; empty otherwise.

    Parameters
    ----------
    plan : Plan
    pending : collection of str
        Keys of the trials that are still to be run.
    """
    trials = [item.trial for item in plan.transfers if item.trial.key in pending or plan.waits(item)]
    found = [trial for trial in trials if plan.tasks[trial.transfer.task_digest].native_size is None]
    whole = _seconds(plan, found, lambda settings: settings)
    if whole < LONG_S:
        return ""
    sides = {trial.transfer.side for trial in found if trial.transfer.side}
    ways = []
    if sides:
        half = max(32, max(sides) // 2 // 16 * 16)
        smaller = _seconds(plan, found, lambda settings: _at_most(settings, half))
        ways.append((smaller, option("input_size", str(half))))
    fewer = _seconds(plan, found, _with_fewer)
    ways.append((fewer, option("shots", str(FEWER_SHOTS))))
    said = [f"{way} would take {rounded(seconds)}" for seconds, way in ways if seconds < 0.8 * whole]
    return f"trainings are expected to take {rounded(whole)}" + "".join(f"; {way}" for way in said)


def _seconds(plan: Plan, trials: list[Trial], change: Callable[[TransferSettings], TransferSettings]) -> float:
    return sum(
        work_units(replace(trial, settings=change(trial.transfer)), plan.tasks[trial.transfer.task_digest])
        for trial in trials
    )


def _at_most(settings: TransferSettings, side: int) -> TransferSettings:
    if settings.input_size is None or settings.input_size[1] <= side:
        return settings
    return replace(settings, input_size=(settings.input_size[0], side, side))


def _with_fewer(settings: TransferSettings) -> TransferSettings:
    if settings.shots != "all" and int(settings.shots) <= FEWER_SHOTS:
        return settings
    return replace(settings, shots=FEWER_SHOTS)

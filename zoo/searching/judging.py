"""What arms reach on training images held out, over folds of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zoo.outcome import Status
from zoo.searching.halving import PARTS, common_rates
from zoo.searching.trials import arm_trial
from zoo.searching.work import held_part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zoo.outcome import Outcome
    from zoo.results.trial import Trial
    from zoo.searching.runner import Runner
    from zoo.searching.trials import Arm
    from zoo.searching.work import SearchJob
    from zoo.tasks.outline import TaskOutline


ENOUGH_HELD, MOST_FOLDS = 300, 5
"""Images held out, over all folds, that tell arms apart well enough, and folds at most."""


class Judging:
    """Arms after a part of their steps, each judged on the same folds.

    Thirty images held out of a small training set leave a share right uncertain by nine points. With folds every arm
    is trained as often, each time with other images held out, and ranked by the mean.

    Parameters
    ----------
    runner : Runner
    task : TaskOutline

    Attributes
    ----------
    folds : int
        How many.
    rates : bool
        Whether all rates go on to the end.
    """

    def __init__(self, runner: Runner, task: TaskOutline) -> None:
        self.runner, self.task, self.folds, self.rates = runner, task, 1, False
        self._shared: dict[float, list[int]] = {}

    def most_folds(self, shots: int | str, fraction: float) -> int:
        """Folds that are worth their time, of images that no two of them hold out."""
        images = self.task.trained_on(shots)
        part = held_part(images, fraction)
        return max(1, min(MOST_FOLDS, math.floor(1 / part + 1e-9), math.ceil(ENOUGH_HELD / (part * images))))

    def tells_rates(self, shots: int | str, fraction: float) -> bool:
        """Whether enough is held out to choose a rate for each model by itself."""
        images = self.task.trained_on(shots)
        return self.folds * held_part(images, fraction) * images >= ENOUGH_HELD

    def of(self, arm: Arm, part: float, fold: int = 0) -> tuple[Trial, SearchJob]:
        """The trial of an arm on a fold, from the part before, and its job."""
        before = PARTS[PARTS.index(part) - 1] if part != PARTS[0] else 0.0
        return arm_trial(arm, self.task, before, part, self.runner.place, fold)

    def every(self, arms: Sequence[Arm], part: float, first: int = 0) -> list[tuple[Trial, SearchJob]]:
        """Trials of some arms, fold by fold over all of them, from one on."""
        return [self.of(arm, part, fold) for fold in range(first, self.folds) for arm in arms]

    def share(self, arms: Sequence[Arm], part: float) -> None:
        """Judge arms by the folds that all have which have the first."""
        judged = [arm for arm in arms if self.found(arm, part) is not None]
        others = range(1, self.folds)
        self._shared[part] = [0, *(fold for fold in others if all(self.found(arm, part, fold) for arm in judged))]

    def outcome(self, arm: Arm, part: float, fold: int = 0) -> Outcome | None:
        """What came of an arm, None where it was not reached."""
        return self.runner.outcome(self.of(arm, part, fold)[0])

    def found(self, arm: Arm, part: float, fold: int = 0) -> Outcome | None:
        """What an arm reached, None where that failed or was not tried."""
        outcome = self.outcome(arm, part, fold)
        return outcome if outcome is not None and outcome.status == Status.OK else None

    def score(self, arm: Arm, part: float) -> tuple[float, float]:
        """Held-out score, and between equals less log loss."""
        if self.found(arm, part) is None:
            return (-1.0, 0.0)
        return (
            self._mean(arm, part, lambda one: noted(one, "score")),
            -self._mean(arm, part, lambda one: one.metrics["log_loss"].value),
        )

    def figure(self, arm: Arm, part: float) -> str:
        """Share of held-out images that were right, empty where none is known."""
        if self.found(arm, part) is None:
            return ""
        return f"{self._mean(arm, part, lambda one: one.metrics['validation'].value):.1%} held out"

    def at_other_rates(self, final: Sequence[tuple[Arm, float]]) -> list[tuple[Arm, float]]:
        """Arms trained to the end at another rate than is best over all models."""
        ended = [(arm, part, arm.rate) for arm, part in final if arm.rate is not None and part == PARTS[-1]]
        best = common_rates({(*arm.pair, rate): self.score(arm, part)[0] for arm, part, rate in ended})
        return [(arm, part) for arm, part, rate in ended if best.get(arm.strategy, rate) != rate]

    def forget(self, arm: Arm, part: float) -> None:
        """Delete the trainings that were kept."""
        for fold in range(self.folds):
            self.of(arm, part, fold)[1].forget()

    def _mean(self, arm: Arm, part: float, of: Callable[[Outcome], float]) -> float:
        outcomes = [self.found(arm, part, fold) for fold in self._shared.get(part, [0])]
        values = [of(one) for one in outcomes if one is not None]
        return sum(values) / len(values)


def noted(outcome: Outcome, key: str) -> float:
    """A number of an outcome's notes."""
    value = outcome.notes[key]
    assert isinstance(value, int | float)
    return value

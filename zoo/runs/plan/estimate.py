"""How long the rest of a run will take, by what was seen so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.machine.prior import EFFECTIVE_MACS_PER_S
from zoo.regimes.settings import STEP_PASSES
from zoo.registry.catalogue import get
from zoo.sources.naming import NO_WEIGHTS, RANDOM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.results.trial import Trial
    from zoo.tasks.outline import TaskOutline


def work_units(trial: Trial, task: TaskOutline | None = None) -> float:
    """Expected seconds of a trial before anything was seen.

    Of a training, on a task whose images are counted.
    """
    macs = _macs(trial)
    if task is None or trial.kind != "transfer":
        return trial.settings.expected_seconds(macs)
    settings, trained = trial.transfer, _trained(trial, task)
    if settings.recipe is None:
        # What the first seed computes of the images serves the others.
        first = 1.0 if settings.seed == 0 else 0.1
        return 0.5 + first * (sum(task.train_counts) + task.test_images) * macs / EFFECTIVE_MACS_PER_S
    recipe = settings.recipe
    steps = recipe.steps_for(trained, from_random=trial.weights == RANDOM)
    trainings = len(recipe.rates(1.0))
    images = trainings * steps * min(recipe.batch, trained) * STEP_PASSES + task.test_images
    return 0.5 + images * macs / EFFECTIVE_MACS_PER_S


def reading_seconds(trial: Trial, task: TaskOutline) -> float:
    """Expected seconds of scaling the images that a training takes from files.

    Done once for a size, of those that are trained and tested on.
    """
    return task.read_s * (_trained(trial, task) + task.test_images)


def _trained(trial: Trial, task: TaskOutline) -> int:
    """Images to train on."""
    shots = trial.transfer.shots
    return sum(task.train_counts) if shots == "all" else int(shots) * len(task.classes)


def rounded(seconds: float) -> str:
    """A time as it is expected: ``about 40 s``, ``about 3 min``."""
    return f"about {max(1, round(seconds))} s" if seconds < 90 else f"about {round(seconds / 60)} min"


def _macs(trial: Trial) -> float:
    """Estimated MACs of one image at the trial's own size."""
    size = getattr(trial.settings, "input_size", None)
    if not size or trial.weights == NO_WEIGHTS:
        return 0.0
    try:
        spec = get(trial.model)
    except ZooError:
        return 1e9
    return spec.estimated_macs(size) or 1e9


@dataclass
class Estimate:
    """Seconds to the end, corrected kind by kind as trials finish.

    Attributes
    ----------
    pending : dict of str to Trial
        By key; :meth:`finished` takes a trial out.
    tasks : mapping of str to TaskOutline
        By digest.
    """

    pending: dict[str, Trial] = field(default_factory=dict)
    tasks: Mapping[str, TaskOutline] = field(default_factory=dict)
    _units: dict[str, float] = field(default_factory=dict)
    _seconds: dict[str, float] = field(default_factory=dict)
    _read: dict[tuple[str, ...], float] = field(default_factory=dict)

    def expect(self, trials: list[Trial]) -> None:
        """Add trials that are still to be run."""
        self.pending |= {trial.key: trial for trial in trials}

    def finished(self, trial: Trial, seconds: float) -> None:
        """Take a trial out, and learn from the seconds that it took."""
        self.pending.pop(trial.key, None)
        place, reading = self._reading(trial)
        self._read[place] = self._read.get(place, 0.0) + reading
        self._units[trial.kind] = self._units.get(trial.kind, 0.0) + self._work(trial) + reading
        self._seconds[trial.kind] = self._seconds.get(trial.kind, 0.0) + seconds

    def seconds_left(self) -> float:
        """Expected seconds of everything pending."""
        left = sum(self._work(trial) * self._rate(trial.kind) for trial in self.pending.values())
        readings: dict[tuple[str, ...], float] = {}
        for trial in self.pending.values():
            place, seconds = self._reading(trial)
            readings[place] = max(seconds, readings.get(place, 0.0))
        return left + sum(readings.values()) * self._rate("transfer")

    def _reading(self, trial: Trial) -> tuple[tuple[str, ...], float]:
        """Images of a task at a size, and the seconds that a trial still has to read them."""
        task = self.tasks.get(trial.transfer.task_digest) if trial.kind == "transfer" else None
        if task is None:
            return (), 0.0
        place = (task.digest, str(trial.transfer.input_size))
        return place, max(0.0, reading_seconds(trial, task) - self._read.get(place, 0.0))

    def _work(self, trial: Trial) -> float:
        digest = trial.transfer.task_digest if trial.kind == "transfer" else ""
        return work_units(trial, self.tasks.get(digest))

    def _rate(self, kind: str) -> float:
        units = self._units.get(kind)
        # Where a kind has not been seen yet, a unit is taken for a second on one ordinary core.
        return self._seconds[kind] / units if units else 1.0

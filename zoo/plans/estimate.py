"""How long the rest of a run will take, by what was seen so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.cost.metrics.timed import LATENCY
from zoo.errors import ZooError
from zoo.machine.prior import EFFECTIVE_MACS_PER_S
from zoo.regimes.pretrain import recipe_for
from zoo.regimes.settings import STEP_PASSES, PretrainSettings
from zoo.regimes.strategies.pixels import MOST
from zoo.registry.catalogue import get
from zoo.sources.naming import NO_WEIGHTS, RANDOM
from zoo.training.search_settings import SCORES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zoo.outcome import Outcome
    from zoo.results.trial import Trial
    from zoo.tasks.outline import TaskOutline


LONG_S = 3 * 3600.0
"""From which on a time is told in hours."""

BEGINNING_S = 2.0
"""Seconds until a training has a network that computes."""

FIT_PER_S = 2e9
"""A fit takes the cube of its samples, or of their features where those are fewer, in seconds by this."""

_Scaled = tuple[str, tuple[int, ...] | None, str]
"""What images are scaled for: a task's digest, a size and a fit."""

_Images = dict[_Scaled, dict[int, int]]
"""Those that are trained on, by seed."""


def work_units(trial: Trial, task: TaskOutline | None = None, speed: float = EFFECTIVE_MACS_PER_S) -> float:
    """Expected seconds of a trial before any like it was seen.

    Of a training, on a task whose images are counted. ``speed`` is of the model, in MACs a second.
    """
    macs = _macs(trial) * EFFECTIVE_MACS_PER_S / speed
    if isinstance(trial.settings, PretrainSettings):
        recipe = recipe_for(get(trial.model).family)
        return BEGINNING_S + recipe.steps * recipe.batch * STEP_PASSES * macs / EFFECTIVE_MACS_PER_S
    if task is None or trial.kind != "transfer":
        return trial.settings.expected_seconds(macs)
    settings, trained = trial.transfer, task.trained_on(trial.transfer.shots)
    if settings.recipe is None:
        if trial.weights == NO_WEIGHTS:
            return (
                BEGINNING_S + min(trained, MOST, 3 * (settings.side or task.native_size or 0) ** 2) ** 3 / FIT_PER_S
            )
        # Features of the test images serve the other seeds, where it is not the seed that makes the network.
        tested = task.test_images if settings.seed == 0 or trial.weights == RANDOM else 0
        return BEGINNING_S + (trained + tested) * macs / EFFECTIVE_MACS_PER_S
    recipe = settings.recipe
    steps = recipe.steps_for(trained, from_random=trial.weights == RANDOM)
    trainings = recipe.trainings(task.fewest(settings.shots)) if settings.rate is None else recipe.last_steps_factor
    images = trainings * steps * min(recipe.batch, trained) * STEP_PASSES + task.test_images
    return BEGINNING_S + images * macs / EFFECTIVE_MACS_PER_S


def rounded(seconds: float) -> str:
    """A time as it is expected: ``about 40 s``, ``about 3 min``, or hours."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    return f"about {round(seconds / 60)} min" if seconds < LONG_S else f"about {round(seconds / 3600)} h"


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


TRAININGS = ("transfer", "pretrain", "search")
"""Kinds of trials that are as fast as each other, as far as MACs tell."""


def _kind(trial: Trial) -> str:
    """What a trial is as fast as: features alone say little of trainings."""
    return SCORES if getattr(trial.settings, "step", "") == SCORES else trial.kind


@dataclass
class Estimate:
    """Seconds to the end, corrected as trials finish.

    A model's latency tells how fast its trainings will be, and its first training how fast the others. Where no
    training of a model was seen, those of other models tell.

    Attributes
    ----------
    pending : dict of str to Trial
        By key; :meth:`finished` takes a trial out.
    tasks : mapping of str to TaskOutline
        By digest.
    slowness : float
        How many times as long as a first guess anything is taken to take before it was seen.
    """

    pending: dict[str, Trial] = field(default_factory=dict)
    tasks: Mapping[str, TaskOutline] = field(default_factory=dict)
    slowness: float = 1.0
    _speeds: dict[tuple[str, str], float] = field(default_factory=dict)
    _seen: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    _read: _Images = field(default_factory=dict)
    _costs: dict[str, float] = field(default_factory=dict)

    def expect(self, trials: list[Trial]) -> None:
        """Add trials that are still to be run."""
        self.pending |= {trial.key: trial for trial in trials}

    def timed(self, trial: Trial, outcome: Outcome) -> None:
        """Learn from a model's latency how fast it computes on a device."""
        latency = outcome.metrics.get(LATENCY.quantity.key)
        if trial.kind != "cost" or latency is None or not (latency.value and latency.value > 0):
            return
        speed = _macs(trial) * trial.cost.batch / (latency.value / 1e3)
        place = trial.model, trial.cost.device
        if speed:
            self._speeds[place] = max(speed, self._speeds.get(place, 0.0))

    def finished(self, trial: Trial, seconds: float) -> None:
        """Take a trial out, and learn from the seconds that it took."""
        self.pending.pop(trial.key, None)
        reading = self._reading([trial])
        self._add(self._read, trial)
        expected = self._work(trial) + reading
        for place in ((_kind(trial), trial.model), (_kind(trial), "")):
            units, taken = self._seen.get(place, (0.0, 0.0))
            self._seen[place] = units + expected, taken + seconds

    def seconds_of(self, trial: Trial) -> float:
        """Expected seconds of a trial in itself."""
        return self._work(trial) * (self._rate(_kind(trial), trial.model) or self.slowness)

    def fits(self, seconds: float | None, *trials: Trial) -> bool:
        """Whether trials are expected to end within some seconds.

        They are taken to, where nothing like them was seen.
        """
        if seconds is None or any(self._rate(_kind(trial), trial.model) is None for trial in trials):
            return True
        return sum(map(self.seconds_of, trials)) < seconds

    def seconds_left(self) -> float:
        """Expected seconds of everything pending."""
        left = sum(map(self.seconds_of, self.pending.values()))
        return left + self._reading(self.pending.values()) * (self._rate("transfer", "") or self.slowness)

    def _reading(self, trials: Iterable[Trial]) -> float:
        """Expected seconds of scaling images from their files, which is done once for a size and a fit."""
        needed = {scaled: dict(seeds) for scaled, seeds in self._read.items()}
        for trial in trials:
            self._add(needed, trial)
        return self._scaling(needed) - self._scaling(self._read)

    def _add(self, images: _Images, trial: Trial) -> None:
        if trial.kind != "transfer" or trial.transfer.task_digest not in self.tasks:
            return
        settings = trial.transfer
        trained = self.tasks[settings.task_digest].trained_on(settings.shots)
        seeds = images.setdefault((settings.task_digest, settings.input_size, settings.fit), {})
        seeds[settings.seed] = max(trained, seeds.get(settings.seed, 0))  # few shots are part of many

    def _scaling(self, images: _Images) -> float:
        seconds = 0.0
        for (digest, _size, _fit), seeds in images.items():
            task = self.tasks[digest]
            seconds += task.read_s * (task.test_images + min(sum(seeds.values()), sum(task.train_counts)))
        return seconds

    def _work(self, trial: Trial) -> float:
        if trial.kind == "cost":  # of which there are many, and nothing that is seen changes what they are
            if trial.key not in self._costs:
                self._costs[trial.key] = work_units(trial)
            return self._costs[trial.key]
        digest = trial.transfer.task_digest if trial.kind == "transfer" else ""
        device = (trial.transfer.device if trial.kind == "transfer" else "") or "cpu"
        speed = self._speeds.get((trial.model, device)) if trial.kind in TRAININGS else None
        return work_units(trial, self.tasks.get(digest), speed or EFFECTIVE_MACS_PER_S)

    def _rate(self, kind: str, model: str) -> float | None:
        """Seconds that a unit takes, None where nothing was seen that tells."""
        places = [(kind, "")]
        if kind in TRAININGS:
            places = [(one, name) for name in (model, "") for one in (kind, *TRAININGS)]
        for place in places:
            units, seconds = self._seen.get(place, (0.0, 0.0))
            if units:
                return seconds / units
        return None

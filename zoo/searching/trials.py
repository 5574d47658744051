"""Trials of a search and their jobs, from the trainings of its last round."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.plans.transfer import plan_transfer, trained_models
from zoo.regimes.strategies import STRATEGIES
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.results.trial import Trial
from zoo.runs.jobs.training import training_job
from zoo.searching.work import SearchJob
from zoo.sources import SHIPPED
from zoo.sources.naming import parse_name
from zoo.training.recipe import FOUND
from zoo.training.search_settings import ARM, SCORES, SearchSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zoo.executors.job import Job
    from zoo.plans.transfer import PlannedTransfer
    from zoo.suites.suite import Suite
    from zoo.tasks.outline import TaskOutline
    from zoo.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Arm:
    """A model under a strategy, at a learning rate where it is trained.

    Attributes
    ----------
    planned : PlannedTransfer
        Its training of the last round, of seed 0.
    """

    planned: PlannedTransfer
    rate: float | None = None

    @property
    def model(self) -> str:
        """Model with its weights."""
        return self.planned.trial.display_name

    @property
    def strategy(self) -> str:
        """Its name."""
        return self.planned.job.strategy

    @property
    def pair(self) -> tuple[str, str]:
        """Model and strategy, whatever the rate."""
        return self.model, self.strategy

    @property
    def name(self) -> str:
        """As a trail names it."""
        at = "" if self.rate is None else f" at {self.rate:.1g}"
        return f"{self.model} {self.strategy}{at}"


def planned_for(suite: Suite) -> dict[str, list[PlannedTransfer]]:
    """Trainings of the last round, by model with its weights."""
    found: dict[str, list[PlannedTransfer]] = {}
    for item in plan_transfer(suite, trained_models(suite)):
        found.setdefault(item.trial.display_name, []).append(item)
    return found


def is_trained(planned: PlannedTransfer) -> bool:
    """Whether a strategy takes gradient steps."""
    return isinstance(STRATEGIES.get(planned.job.strategy).run, FineTuning)


def arms_of(planned: Sequence[PlannedTransfer], *, rates: bool) -> list[Arm]:
    """Arms of one model: its strategies, at each rate where they train."""
    found = []
    for item in planned:
        strategy = STRATEGIES.get(item.job.strategy).run
        if item.job.seed:
            continue
        if not isinstance(strategy, FineTuning):
            found.append(Arm(item))
            continue
        own = strategy.own_rate(item.job.recipe)
        found += [Arm(item, rate) for rate in (item.job.recipe.rates(own) if rates else (own,))]
    return found


def scores_trial(planned: PlannedTransfer, task: TaskOutline, shots: int | str) -> tuple[Trial, SearchJob]:
    """Cheap scores of a model's features on so many training images a class."""
    settings = _settings(planned, task, SCORES, shots, strategy="")
    return _with_job(planned, settings, replace(planned.job, shots=shots), None, None)


def arm_trial(
    arm: Arm, task: TaskOutline, since: float, part: float, folder: Path, fold: int = 0
) -> tuple[Trial, SearchJob]:
    """An arm from a part of its steps to another, judged on a fold.

    One that is not trained has no parts.
    """
    trained = arm.rate is not None
    of_job = arm.planned.job
    settings = replace(_settings(arm.planned, task, ARM, of_job.shots, strategy=of_job.strategy), fold=fold)
    if trained:
        settings = replace(settings, rate=arm.rate, since=since, part=part, recipe=of_job.recipe)
    kept = replace(settings, since=0.0, part=1.0)
    key = Trial(arm.planned.trial.model, arm.planned.trial.weights, kept, arm.planned.trial.weights_digest).key
    place = folder / f"{key[:40]}.pt" if trained else None
    return _with_job(arm.planned, settings, replace(of_job, rate=arm.rate), settings.part, place)


def last_trial(planned: PlannedTransfer, rate: float | None, timeout_s: float) -> tuple[Trial, Job]:
    """A training of the last round, at the rate that was found."""
    if rate is not None:
        # Of another recipe than trainings that find rates themselves, so that nothing takes the two for one way.
        planned = with_recipe(planned, replace(planned.job.recipe, tuning=FOUND))
        settings = replace(planned.trial.transfer, rate=rate)
        planned = replace(
            planned, trial=replace(planned.trial, settings=settings), job=replace(planned.job, rate=rate)
        )
    trial = planned.trial
    return trial, replace(training_job(planned, timeout_s), process=_process(trial))


def with_recipe(planned: PlannedTransfer, recipe: Recipe) -> PlannedTransfer:
    """A training by another recipe, in its trial where it takes steps."""
    settings = planned.trial.transfer
    if settings.recipe is not None:
        settings = replace(settings, recipe=recipe)
    trial = replace(planned.trial, settings=settings)
    return replace(planned, trial=trial, job=replace(planned.job, recipe=recipe))


def _process(trial: Trial) -> str:
    """The process of a trial: one serves the models of the libraries, whose start is most of a short job.

    A user's model has its own, whose modules go with it.
    """
    return "" if parse_name(trial.model).source in SHIPPED else trial.model


def _settings(
    planned: PlannedTransfer, task: TaskOutline, step: str, shots: int | str, strategy: str
) -> SearchSettings:
    of = planned.trial.transfer
    assert of.input_size is not None
    return SearchSettings(
        task=of.task,
        step=step,
        strategy=strategy,
        shots=shots,
        images=task.trained_on(shots),
        seed=of.seed,
        input_size=of.input_size,
        task_digest=of.task_digest,
        device=of.device,
        probe=planned.job.probe,
        code=of.code,
        fit=of.fit,
        stated=of.stated,
        precision=of.precision,
    )


def _with_job(
    planned: PlannedTransfer, settings: SearchSettings, work: object, part: float | None, checkpoint: Path | None
) -> tuple[Trial, SearchJob]:
    trial = replace(planned.trial, settings=settings, protocol=settings.PROTOCOL)
    job = SearchJob(
        trials=(trial,),
        label=f"{trial.display_name} {settings.describe()}",
        device=settings.device,
        process=_process(trial),
        work=work,  # type: ignore[arg-type]
        part=part,
        checkpoint=checkpoint,
        fold=settings.fold,
    )
    return trial, job


def shorter(arm: Arm, divisor: int) -> Arm:
    """An arm, and its last training, of fewer steps."""
    if divisor == 1:
        return arm
    recipe = arm.planned.job.recipe
    return replace(arm, planned=with_recipe(arm.planned, replace(recipe, steps=max(1, recipe.steps // divisor))))

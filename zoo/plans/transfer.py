"""The transfer trials of a suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.checks import NATIVE, SMALLEST
from zoo.errors import WeightsError
from zoo.loading.specs import spec_of
from zoo.machine.devices import resolve_device
from zoo.models.asked_size import learn_sizes, planned_size
from zoo.plans.tasks import distinct_tasks
from zoo.plans.weights import find_weights
from zoo.regimes.settings import TransferSettings
from zoo.regimes.strategies import STRATEGIES
from zoo.regimes.strategies.base import TransferJob
from zoo.results.trial import Trial
from zoo.sources.lookup import code_digest
from zoo.sources.naming import AUTO, NO_WEIGHTS, RANDOM
from zoo.training.precision import FP32

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zoo.plans.weights import PlannedWeights
    from zoo.regimes.strategies.base import Strategy
    from zoo.suites.suite import Suite, TransferPlan
    from zoo.tasks.outline import TaskOutline


@dataclass(frozen=True)
class PlannedTransfer:
    """A transfer trial and its job.

    Attributes
    ----------
    blocked : str
        Why it cannot be run, where it cannot.
    """

    trial: Trial
    job: TransferJob
    blocked: str = ""

    @property
    def needs_weights(self) -> bool:
        """Whether it starts from pretrained weights."""
        return self.job.weights is not None

    @property
    def is_without_model(self) -> bool:
        """Whether it is a control that has no backbone."""
        return self.trial.weights == NO_WEIGHTS


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model with its weights, and the sides of its images in pixels.

    Attributes
    ----------
    weights : PlannedWeights
    drawn, files : int
        Of the embedded tasks' images, and of a user's.
    """

    weights: PlannedWeights
    drawn: int
    files: int

    @property
    def name(self) -> str:
        """``source/architecture``."""
        return self.weights.model

    def side(self, task: TaskOutline) -> int:
        """The side of images of a task."""
        return self.files if task.native_size is None else self.drawn


@dataclass(frozen=True, slots=True)
class _Cell:
    """What of a trial is not its model's."""

    task: str
    outline: TaskOutline
    strategy: Strategy
    shots: int | str
    seed: int


@dataclass(frozen=True, slots=True)
class _Start:
    """What a trial starts from, and where."""

    model: str
    weights: PlannedWeights | None
    side: int | None
    device: str
    blocked: str = ""


def trained_models(suite: Suite, only: str | None = None) -> list[TrainedModel]:
    """Find the models of the transfer part, or ``only`` one of them."""
    plan = suite.transfer
    if plan is None:
        return []
    found = [find_weights(name, suite.weights_of(name, plan), plan.own_tag) for name in plan.models or suite.models]
    wanted = [weights for weights in found if only in (None, weights.model)]
    auto = plan.input_size == AUTO
    drawn, files = (SMALLEST, NATIVE) if auto else (plan.input_size, plan.input_size)
    learn_sizes((weights.model for weights in wanted), drawn)
    return [
        TrainedModel(weights, planned_size(weights.model, drawn)[1], _own_side(weights, files, plan.own_tag))
        for weights in wanted
    ]


def _own_side(weights: PlannedWeights, asked: int | str, own_tag: str) -> int:
    """The side of files' images: that which the weights were trained at, where the native one is asked for."""
    if asked != NATIVE:
        return planned_size(weights.model, asked)[1]
    if weights.tag == own_tag and weights.file is None:  # still to be made, at the smallest
        return planned_size(weights.model, SMALLEST)[1]
    return spec_of(weights.model, weights.reference if weights.file is not None else None).input_size[1]


def plan_transfer(suite: Suite, models: Sequence[TrainedModel] | None = None) -> list[PlannedTransfer]:
    """Plan every transfer trial of a suite.

    Digests are those of the weights at hand now.

    Parameters
    ----------
    suite : Suite
    models : sequence of TrainedModel, optional
        Those of the suite, where they are known already.
    """
    plan = suite.transfer
    if plan is None:
        return []
    known = trained_models(suite) if models is None else models
    device = resolve_device(plan.device)
    strategies = [STRATEGIES.get(name) for name in plan.strategies]
    planned = []
    for task, known_task in distinct_tasks(plan).items():
        for model in known:
            cells = _cells(plan, task, known_task, [one for one in strategies if not one.placeholder])
            side = model.side(known_task)
            planned += [_planned(plan, cell, _starts(plan, cell.strategy, model, side, device)) for cell in cells]
        # A control without a model: once a task, at its own resolution; of files at that of each model beside it.
        sides: list[int | None] = [None]
        if known_task.native_size is None:
            sides = list(dict.fromkeys(model.files for model in known))
        planned += [
            _planned(plan, cell, _Start(cell.strategy.placeholder or "", None, side, "cpu"))
            for cell in _cells(plan, task, known_task, [one for one in strategies if one.placeholder])
            for side in sides
        ]
    return planned


def _cells(plan: TransferPlan, task: str, known: TaskOutline, strategies: Sequence[Strategy]) -> Iterator[_Cell]:
    for strategy in strategies:
        for shots in plan.shots:
            for seed in range(1 if shots == "all" and strategy.same_for_all else plan.seeds):
                yield _Cell(task, known, strategy, shots, seed)


def _starts(plan: TransferPlan, strategy: Strategy, model: TrainedModel, side: int, device: str) -> _Start:
    """What a strategy starts from with a model: its weights, or a random draw."""
    if strategy.start == "random":
        return _Start(model.name, None, side, device)
    return _Start(model.name, model.weights, side, device, _why_not(model.weights, plan))


def _planned(plan: TransferPlan, cell: _Cell, start: _Start) -> PlannedTransfer:
    recipe, fit = plan.recipe_for(cell.outline), plan.fit_for(cell.outline)
    precision = FP32 if cell.strategy.placeholder else plan.precision_for(cell.outline, start.model)
    settings = TransferSettings(
        task=cell.outline.name,
        task_digest=cell.outline.digest,
        strategy=cell.strategy.name,
        shots=cell.shots,
        seed=cell.seed,
        input_size=None if start.side is None else (3, start.side, start.side),
        probe=plan.probe if cell.strategy.uses_probe else None,
        recipe=recipe if cell.strategy.uses_recipe else None,
        device=start.device,
        code=code_digest(start.model) or "",
        fit=fit,
        stated=start.weights.stated if start.weights else "",
        precision=precision,
    )
    job = TransferJob(
        model=start.model,
        weights=start.weights.reference if start.weights else None,
        strategy=cell.strategy.name,
        task=cell.task,
        shots=cell.shots,
        seed=cell.seed,
        input_size=start.side,
        probe=plan.probe,
        recipe=recipe,
        corrupt=plan.corrupt,
        fit=fit,
        precision=precision,
    )
    weights = NO_WEIGHTS if cell.strategy.placeholder else start.weights.tag if start.weights else RANDOM
    trial = Trial(start.model, weights, settings, start.weights.sha256 if start.weights else None)
    return PlannedTransfer(trial, job, start.blocked)


def _why_not(weights: PlannedWeights, plan: TransferPlan) -> str:
    """Why the weights of a regime cannot be had, if they cannot."""
    if weights.file is not None:
        return ""
    if weights.error is not None:
        return str(weights.error)
    full = f"{weights.model}.{weights.tag}"
    if weights.tag == plan.own_tag:
        return f"no weights {full}: pretraining did not succeed"
    return f"weights {full} are not at hand; `zoo fetch {full}` brings them"


def check_weights(suite: Suite, models: Sequence[TrainedModel]) -> None:
    """Refuse weights that were asked for by name and cannot be had.

    Before anything is trained.

    Raises
    ------
    WeightsError
        Says why, and what brings them.
    """
    plan = suite.transfer
    if plan is None or not plan.uses_weights:
        return
    for model in models:
        # What the zoo makes itself may still be made, and a failure of that is a row.
        made = model.weights.asked in (AUTO, plan.own_tag)
        if not made and (reason := _why_not(model.weights, plan)):
            raise WeightsError(reason)

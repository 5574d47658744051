"""The weights that a suite has the zoo make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.plans.transfer import trained_models
from zoo.regimes.pretrain import made_with
from zoo.regimes.settings import PretrainSettings
from zoo.results.trial import Trial
from zoo.sources.naming import RANDOM
from zoo.tasks.catalogue import outline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.plans.transfer import TrainedModel
    from zoo.suites.suite import Suite


@dataclass(frozen=True)
class PlannedPretraining:
    """Weights that a suite uses and the zoo makes, by a task of its own.

    Attributes
    ----------
    task : str
        As it was asked for: the name of an embedded task, or the path of a folder.
    """

    trial: Trial
    at_hand: bool
    task: str


def plan_pretraining(suite: Suite, models: Sequence[TrainedModel] | None = None) -> list[PlannedPretraining]:
    """Plan the zoo's own weights that the transfer part uses.

    Made or still to be made, in the suite's order.

    Parameters
    ----------
    suite : Suite
    models : sequence of TrainedModel, optional
        Those of the transfer part, where they are known already.
    """
    plan = suite.transfer
    if plan is None or not plan.uses_weights:
        return []
    known = trained_models(suite) if models is None else models
    return [_planned(model, plan.pretrain_task) for model in known if model.weights.stand_in]


def _planned(model: TrainedModel, task: str) -> PlannedPretraining:
    at_hand = model.weights.file is not None
    known = outline(task)
    # Of weights that are there the trial tells how they were made, whoever made them.
    seed, side = (made_with(model.name, known.name) if at_hand else None) or (0, model.drawn)
    settings = PretrainSettings(known.name, seed, (3, side, side), known.digest)
    return PlannedPretraining(Trial(model.name, RANDOM, settings), at_hand, task)

"""The weights that a suite has the zoo make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.regimes.settings import PretrainSettings
from zoo.regimes.strategies import STRATEGIES
from zoo.registry.naming import RANDOM, parse_name
from zoo.results.trial import Trial
from zoo.runs.plan.transfer import transfer_input_size
from zoo.runs.plan.weights import wants_own
from zoo.tasks.catalogue import outline

if TYPE_CHECKING:
    from zoo.runs.suite.suite import Suite


@dataclass(frozen=True)
class PlannedPretraining:
    """Weights that a suite uses and the zoo makes: a backbone trained on an embedded task."""

    trial: Trial
    model: str
    task: str
    input_size: int
    at_hand: bool


def plan_pretraining(suite: Suite) -> list[PlannedPretraining]:
    """The zoo's own weights that the transfer part uses, made or still to be made, in the suite's order."""
    plan = suite.transfer
    if plan is None or all(STRATEGIES.get(name).start != "weights" for name in plan.strategies):
        return []
    from zoo.regimes.pretrain import made_with
    from zoo.weights.locate import locate

    needed = []
    for model in plan.models or suite.models:
        name = parse_name(model).model
        if not wants_own(name, parse_name(model).tag, plan):
            continue
        at_hand = locate(name, plan.pretrain_task) is not None
        made = made_with(name, plan.pretrain_task) if at_hand else None
        # Of weights that are there the trial tells how they were made, whoever made them.
        seed, size = made or (0, transfer_input_size(name, plan))
        needed.append(
            PlannedPretraining(
                Trial(
                    name,
                    RANDOM,
                    PretrainSettings(plan.pretrain_task, seed, (3, size, size), outline(plan.pretrain_task).digest),
                ),
                model=name,
                task=plan.pretrain_task,
                input_size=size,
                at_hand=at_hand,
            )
        )
    return needed

"""The plan of a suite: its trials with what runs them, made once a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.plans.checkpoints import check_checkpoints
from zoo.plans.cost import plan_cost, timed_models, twin_keys
from zoo.plans.pretrain import plan_pretraining
from zoo.plans.tasks import outlines
from zoo.plans.transfer import check_weights, plan_transfer, trained_models
from zoo.sources.user import load_user_models

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.plans.cost import PlannedCost
    from zoo.plans.pretrain import PlannedPretraining
    from zoo.plans.transfer import PlannedTransfer
    from zoo.results.trial import Trial
    from zoo.suites.suite import Suite
    from zoo.tasks.outline import TaskOutline


@dataclass(frozen=True)
class Plan:
    """What a run of a suite asks, with the weights that are at hand.

    Attributes
    ----------
    suite : Suite
    costs : tuple of PlannedCost
    transfers : tuple of PlannedTransfer
    pretrainings : tuple of PlannedPretraining
        Weights that the zoo makes, there or still to be made.
    missing : mapping
        Full name of the published weights that would be taken and are not at hand, by model.
    tasks : mapping
        What is known of each task, by its digest.
    """

    suite: Suite
    costs: tuple[PlannedCost, ...]
    transfers: tuple[PlannedTransfer, ...]
    pretrainings: tuple[PlannedPretraining, ...]
    missing: Mapping[str, str]
    tasks: Mapping[str, TaskOutline]

    @property
    def asked(self) -> list[Trial]:
        """Costs, then transfers, in the suite's order."""
        return [item.trial for item in self.costs] + [item.trial for item in self.transfers]

    @property
    def made(self) -> list[Trial]:
        """Pretrainings."""
        return [item.trial for item in self.pretrainings]

    @property
    def twins(self) -> dict[str, str]:
        """The other key of each trial that is one of an A/A pair."""
        return twin_keys(self.costs)

    @property
    def to_make(self) -> dict[str, PlannedPretraining]:
        """Pretrainings whose weights are not there yet, by model."""
        return {item.trial.model: item for item in self.pretrainings if not item.at_hand}

    def waits(self, item: PlannedTransfer) -> bool:
        """Whether a transfer has its key only when weights were made."""
        return item.needs_weights and item.trial.model in self.to_make

    def with_weights_of(self, model: str) -> Plan:
        """Plan the transfers of one model anew, with the weights of now."""
        renewed = iter(
            item for item in plan_transfer(self.suite, trained_models(self.suite, model)) if item.trial.model == model
        )
        transfers = tuple(next(renewed) if item.trial.model == model else item for item in self.transfers)
        return replace(self, transfers=transfers)


def plan_suite(suite: Suite) -> Plan:
    """Plan a suite.

    Raises
    ------
    ZooError
        For what the user has to mend: weights that were asked for by name and cannot be had, a device that is not
        there, images that are too small, a folder that is no task.
    """
    timed, trained = timed_models(suite), trained_models(suite)
    # The anchor's weights are nobody's to miss, unless the suite names it.
    weights = [
        *(timed[name].weights for name in suite.models if name in timed),
        *(model.weights for model in trained),
    ]
    check_weights(suite, trained)
    check_checkpoints(suite)
    pretrainings = tuple(plan_pretraining(suite, trained))
    return Plan(
        suite=suite,
        costs=tuple(plan_cost(suite, timed)),
        transfers=tuple(plan_transfer(suite, trained)),
        pretrainings=pretrainings,
        missing={found.model: found.missed for found in weights if found is not None and found.missed},
        tasks=outlines(suite, (item.task for item in pretrainings if not item.at_hand)),
    )


def planned_keys(suite: Suite) -> set[str]:
    """Keys of the trials that a run of the suite would ask for now.

    With the weights at hand here. None for what cannot be planned here: a task whose folder is gone, weights that
    are not at hand, a device that this machine lacks.
    """
    load_user_models()
    keys: set[str] = set()
    for plan in (plan_cost, plan_transfer, plan_pretraining):
        try:
            keys.update(item.trial.key for item in plan(suite))
        except ZooError:
            continue
    return keys

"""Every trial of a suite by its key: what its records answer, whichever command asked for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.runs.plan.cost import plan_cost
from zoo.runs.plan.pretrain import plan_pretraining
from zoo.runs.plan.transfer import plan_transfer

if TYPE_CHECKING:
    from zoo.runs.suite.suite import Suite


def planned_keys(suite: Suite) -> set[str]:
    """Keys of the trials that a run of the suite would ask for here and now, with the weights at hand.

    None for what cannot be planned here: a task whose folder is gone, weights that are not at hand, a device
    that this machine lacks.
    """
    from zoo.registry.sources.user import load_user_models

    load_user_models()
    keys: set[str] = set()
    for plan in (plan_cost, plan_transfer, plan_pretraining):
        try:
            keys.update(item.trial.key for item in plan(suite))
        except ZooError:
            continue
    return keys

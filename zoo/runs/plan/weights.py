"""Which weights a plan means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.registry.naming import AUTO

if TYPE_CHECKING:
    from zoo.runs.suite.suite import TransferPlan


def wants_own(name: str, tag: str | None, plan: TransferPlan) -> bool:
    """Whether the zoo's own weights are meant: asked for by tag, or standing in for published ones."""
    from zoo.weights.locate import locate

    asked = tag or plan.weights
    if asked == AUTO:
        return locate(name) is None
    return asked == plan.pretrain_task

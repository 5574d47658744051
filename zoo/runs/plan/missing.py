"""Published weights that a suite would take and that are not at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.registry.naming import AUTO, parse_name

if TYPE_CHECKING:
    from zoo.runs.suite.suite import Suite


def missing_weights(suite: Suite) -> dict[str, str]:
    """Full name of the default weights by model, where the suite takes them if they are there, and they are not."""
    from zoo.registry.catalogue import get, is_published
    from zoo.weights.locate import locate

    plans = [(plan.weights, suite.models) for plan in (suite.cost,) if plan is not None]
    plans += [(plan.weights, plan.models or suite.models) for plan in (suite.transfer,) if plan is not None]
    found = {}
    for model in dict.fromkeys(m for weights, models in plans if weights == AUTO for m in models):
        name, tag = parse_name(model).model, parse_name(model).tag
        default = get(name).tag
        if tag is None and default is not None and is_published(name, default) and locate(name) is None:
            found[name] = f"{name}.{default}"
    return found

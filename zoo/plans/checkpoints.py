"""Checkpoints of the user's, tried before anything is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.loading.checkpoint import why_not
from zoo.processes.guard import Failure
from zoo.sources.apart import ask_apart
from zoo.sources.naming import parse_name
from zoo.sources.user import registered

if TYPE_CHECKING:
    from zoo.suites.suite import Suite


def check_checkpoints(suite: Suite) -> None:
    """Refuse a checkpoint that does not fit its model.

    A user's model is built where it can end nothing.

    Raises
    ------
    WeightsError
        Names the file, the model and what does not fit.
    """
    for name, path in suite.checkpoints.items():
        model = parse_name(name).model
        users = model in registered()
        problem = ask_apart(model, "zoo.loading.checkpoint:why_not", model, path) if users else why_not(model, path)
        if isinstance(problem, Failure):
            problem = problem.reason
        if problem:
            raise WeightsError(problem)


def private_paths(suite: Suite) -> tuple[str, ...]:
    """Paths of checkpoints, which no record holds.

    Those of a suite, and those that models are registered with.
    """
    stated = [tag.path for model in registered().values() for tag in model.facts.tags.values()]
    return (*map(str, suite.checkpoints.values()), *(path for path in stated if path))

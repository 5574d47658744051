"""Who goes on: ranks of cheap scores, places of the prior, survivors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


WEIGHTS = {"probe": 2, "knn": 1, "logme": 1}
"""Of the ranks by each score."""

PRIORS_TURN = 4
"""Every so manieth place is the prior's."""

ETA = 3
"""After each part of the steps one arm in so many goes on."""

PARTS = (1 / 9, 1 / 3, 1.0)
"""Shares of the steps after which arms are judged."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Cheap scores of a model's frozen features, the higher the better.

    Attributes
    ----------
    probe, knn : float
        Shares of training images that are right when each is left out.
    logme : float
        Nats an image.
    top1 : float or None
        Of its weights on ImageNet-1k, percent, as published.
    macs : float
    """

    model: str
    probe: float
    knn: float
    logme: float
    top1: float | None = None
    macs: float = 0.0


def by_scores(scored: Sequence[Scored]) -> list[str]:
    """Models by the weighted mean of their ranks, the best first.

    Of equals the smaller stands first.
    """
    mean = {one.model: 0.0 for one in scored}
    for key, weight in WEIGHTS.items():
        values = sorted((getattr(one, key) for one in scored), reverse=True)
        for one in scored:
            first = values.index(getattr(one, key))
            mean[one.model] += weight * (first + (values.count(getattr(one, key)) - 1) / 2)
    return [one.model for one in sorted(scored, key=lambda one: (mean[one.model], one.macs, one.model))]


def by_prior(scored: Sequence[Scored]) -> list[str]:
    """Models by published top-1, then those without one by size."""
    found = sorted(scored, key=lambda one: (one.top1 is None, -(one.top1 or 0.0), -one.macs, one.model))
    return [one.model for one in found]


def in_places(scored: Sequence[Scored]) -> list[tuple[str, bool]]:
    """Models in the order of their places, and whether by the prior.

    Every fourth place is that of the best by the prior among those that are left.
    """
    scores, prior = by_scores(scored), by_prior(scored)
    found: list[tuple[str, bool]] = []
    for place in range(1, len(scored) + 1):
        turn = place % PRIORS_TURN == 0
        taken = {model for model, _ in found}
        found.append((next(model for model in (prior if turn else scores) if model not in taken), turn))
    return found


def survivors(models: Sequence[str], least: int) -> list[int]:
    """Places of the arms that go on, of arms that are ranked.

    A third, and the best arm of each of the best models, as many as are tested at last: else the arms of one model
    would leave nothing to compare it with.

    Parameters
    ----------
    models : sequence of str
        Of each arm, the best first.
    least : int
        Models of which an arm goes on.
    """
    kept = set(range(math.ceil(len(models) / ETA)))
    first = [models.index(model) for model in dict.fromkeys(models)]
    return sorted(kept | set(first[:least]))

"""Who goes on: ranks of cheap scores, places of the prior, survivors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


WEIGHTS = {"probe": 2, "knn": 1, "logme": 1}
"""Of the ranks by each score."""

PRIORS_TURN = 3
"""Every so manieth place is the prior's."""

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

    Every third place is that of the best by the prior among those that are left.
    """
    scores, prior = by_scores(scored), by_prior(scored)
    found: list[tuple[str, bool]] = []
    for place in range(1, len(scored) + 1):
        turn = place % PRIORS_TURN == 0
        taken = {model for model, _ in found}
        found.append((next(model for model in (prior if turn else scores) if model not in taken), turn))
    return found


def survivors(arms: Sequence[tuple[str, str]], part: float, least: int, *, rates: bool = False) -> list[int]:
    """Places of the arms that go on, of arms that are ranked.

    After the first part the best rate of each model under each strategy. Later the best model under each strategy,
    and the best arm of each of some models: strategies do not learn alike, and what starts from a trained head would
    leave nothing else if all were ranked together before the end.

    Where there is time for all rates to go on to the end, the better half of the models under each strategy goes on
    after the first part, and every arm of a model under a strategy whose best one goes on.

    Parameters
    ----------
    arms : sequence of (str, str)
        Model and strategy of each arm, the best first.
    part : float
        Share of the steps after which they are ranked.
    least : int
        Models of which an arm goes on.
    rates : bool
        Whether all rates go on: a low one is ahead at first, and seldom at the end.
    """
    pairs = list(dict.fromkeys(arms))
    if part <= PARTS[0]:
        kept = _better_half(pairs, least) if rates else pairs
    else:
        models, strategies = [model for model, _ in pairs], [strategy for _, strategy in pairs]
        best = [models.index(model) for model in dict.fromkeys(models)][:least]
        kept = [pairs[place] for place in {*best, *map(strategies.index, strategies)}]
    if rates:
        return [place for place, pair in enumerate(arms) if pair in kept]
    return sorted(arms.index(pair) for pair in kept)


def _better_half(pairs: Sequence[tuple[str, str]], least: int) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    for strategy in dict.fromkeys(strategy for _, strategy in pairs):
        under = [pair for pair in pairs if pair[1] == strategy]
        kept += under[: max(least, math.ceil(len(under) / 2))]
    return kept


def common_rates(scores: Mapping[tuple[str, str, float], float]) -> dict[str, float]:
    """The rate of each strategy that is best over models trained at all.

    Parameters
    ----------
    scores : mapping of (model, strategy, rate) to float
        The higher the better.

    Returns
    -------
    dict of str to float
        By strategy, without those of which no model was trained at every rate.
    """
    found: dict[str, float] = {}
    for strategy in dict.fromkeys(one for _, one, _ in scores):
        rates = dict.fromkeys(rate for _, one, rate in scores if one == strategy)
        models = dict.fromkeys(model for model, one, _ in scores if one == strategy)
        whole = [model for model in models if all((model, strategy, rate) in scores for rate in rates)]
        if whole:
            found[strategy] = max(rates, key=lambda rate: sum(scores[model, strategy, rate] for model in whole))
    return found

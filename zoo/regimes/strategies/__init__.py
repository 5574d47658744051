"""The strategies: what is trained, where it starts, and what batch norm does meanwhile."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from zoo.errors import UnknownNameError
from zoo.regimes.strategies.base import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping


_ALL = (
    Strategy("classifier", "new head on cached features", "weights", "probe", "eval"),
    Strategy("full", "backbone and head, head rate × 10", "weights", "network", "train, eval under batch 16"),
    Strategy("scratch", "backbone and head", "random", "network", "train"),
    Strategy("random_features", "head on an untrained backbone", "random", "probe", "eval", control=True),
    Strategy("pixels", "head on raw pixels", "none", "probe", "none", control=True),
)

STRATEGIES: Mapping[str, Strategy] = MappingProxyType({strategy.name: strategy for strategy in _ALL})
"""Every strategy by name, the real ones first, then the controls."""


def get_strategy(name: str) -> Strategy:
    """Return the strategy of that name.

    Raises
    ------
    UnknownNameError
        With the nearest names.
    """
    try:
        return STRATEGIES[name]
    except KeyError:
        known = ", ".join(STRATEGIES)
        raise UnknownNameError("strategy", name, STRATEGIES, f"there are {known}") from None

"""The open table of strategies: what is trained, and what it starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.plugins import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.regimes.strategies.base import Strategy


STRATEGIES: Table[Strategy] = Table(
    "strategy",
    {
        "classifier": "zoo.regimes.strategies.probing:CLASSIFIER",
        "full": "zoo.regimes.strategies.finetuning:FULL",
        "scratch": "zoo.regimes.strategies.finetuning:SCRATCH",
        "random_features": "zoo.regimes.strategies.probing:RANDOM_FEATURES",
        "pixels": "zoo.regimes.strategies.probing:PIXELS",
    },
    "zoo.strategies",
)
"""Every strategy by name."""

DEFAULT_STRATEGIES = ("classifier", "full", "scratch", "random_features", "pixels")
"""What a suite or a command trains that names none."""


def find_strategy(name: str) -> Strategy | None:
    """The strategy of that name, or None.

    A record's strategy may be of a package that is not at hand.
    """
    return STRATEGIES.get(name) if name in STRATEGIES else None


def in_order(names: Iterable[str]) -> list[str]:
    """Names of strategies as tables order them, each once.

    Controls come late, and last what nobody at hand knows.
    """

    def place(name: str) -> tuple[bool, bool, int]:
        strategy = find_strategy(name)
        return (True, False, 0) if strategy is None else (False, strategy.control, strategy.order)

    return sorted(dict.fromkeys(names), key=place)


def is_usable(name: str) -> bool:
    """Whether a product could use a strategy, which is no control."""
    strategy = find_strategy(name)
    return strategy is not None and not strategy.control

"""The open table of strategies: what is trained, and what it starts from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.plugins import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.regimes.strategies.base import Strategy


WITH_NUMBER = re.compile(r"(\w+)\(\s*([0-9.]+)\s*\)")


class _Strategies(Table["Strategy"]):
    """Strategies by name, and with a number in brackets where one takes it."""

    def get(self, name: str) -> Strategy:
        """The strategy of a name such as ``full`` or ``partial(2)``.

        Raises
        ------
        UnknownNameError
            With the nearest three.
        ZooError
            For a number that the strategy does not take.
        """
        found = WITH_NUMBER.fullmatch(name) if isinstance(name, str) else None
        if found is None or super().__contains__(name):
            return super().get(name)
        strategy = super().get(found[1])
        if strategy.vary is None:
            raise ZooError(f"the strategy {found[1]} takes no number, and {name!r} was asked for")
        try:
            return strategy.vary(float(found[2]))
        except ValueError:
            raise ZooError(f"{name!r}: {found[2]!r} is no number") from None

    def __contains__(self, name: object) -> bool:
        """Whether there is a strategy of that name."""
        if super().__contains__(name):
            return True
        if not isinstance(name, str) or WITH_NUMBER.fullmatch(name) is None:
            return False
        try:
            self.get(name)
        except ZooError:
            return False
        return True


STRATEGIES = _Strategies(
    "strategy",
    {
        "classifier": "zoo.regimes.strategies.classifier:CLASSIFIER",
        "classifier_mid": "zoo.regimes.strategies.classifier_mid:CLASSIFIER_MID",
        "norm_only": "zoo.regimes.strategies.norm_only:NORM_ONLY",
        "bias_only": "zoo.regimes.strategies.bias_only:BIAS_ONLY",
        "partial": "zoo.regimes.strategies.partial:PARTIAL",
        "full": "zoo.regimes.strategies.full:FULL",
        "lp_ft": "zoo.regimes.strategies.lp_ft:LP_FT",
        "layer_decay": "zoo.regimes.strategies.layer_decay:LAYER_DECAY",
        "lora": "zoo.regimes.strategies.lora:LORA",
        "scratch": "zoo.regimes.strategies.scratch:SCRATCH",
        "random_features": "zoo.regimes.strategies.random_features:RANDOM_FEATURES",
        "pixels": "zoo.regimes.strategies.pixels:PIXELS",
        "knn": "zoo.regimes.strategies.knn:KNN",
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

"""Strategies as tables and figures order and describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.regimes.strategies import STRATEGIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.regimes.strategies.base import Strategy


def in_order(found: Iterable[str]) -> list[str]:
    """Strategies in the order of their table.

    Those of a package that is not installed now come last.
    """
    these = dict.fromkeys(found)
    return [name for name in STRATEGIES if name in these] + [name for name in these if name not in STRATEGIES]


def is_control(name: str) -> bool:
    """Whether a strategy is a yardstick, no way to use a backbone."""
    strategy = _strategy(name)
    return strategy is not None and strategy.control


def starts_text() -> str:
    """What the strategies start from, and which are controls, in a sentence."""
    every = [(name, _strategy(name)) for name in STRATEGIES]
    starts = {
        start: [name for name, strategy in every if strategy is not None and strategy.start == start]
        for start in ("weights", "random")
    }
    controls = [name for name in STRATEGIES if is_control(name)]
    return (
        f"{_listed(starts['weights'])} start from the weights named; {_listed(starts['random'])} start from random "
        f"weights; {_listed(controls)} are controls."
    )


def _strategy(name: str) -> Strategy | None:
    return STRATEGIES.get(name) if name in STRATEGIES else None


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))

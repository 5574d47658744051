"""Strategies as tables and figures describe them."""

from __future__ import annotations

from zoo.regimes.strategies import STRATEGIES, find_strategy, in_order


def is_control(name: str) -> bool:
    """Whether a strategy is a yardstick, no way to use a backbone."""
    strategy = find_strategy(name)
    return strategy is not None and strategy.control


def starts_text() -> str:
    """What the strategies start from, and which are controls, in a sentence."""
    every = [(name, find_strategy(name)) for name in in_order(STRATEGIES)]
    starts = {
        start: [name for name, strategy in every if strategy is not None and strategy.start == start]
        for start in ("weights", "random")
    }
    controls = [name for name, _ in every if is_control(name)]
    return (
        f"{_listed(starts['weights'])} start from the weights named; {_listed(starts['random'])} start from random "
        f"weights; {_listed(controls)} are controls."
    )


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))

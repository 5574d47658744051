"""Strategies as tables and figures describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.regimes.strategies import STRATEGIES, find_strategy, in_order

if TYPE_CHECKING:
    from collections.abc import Collection


def is_control(name: str) -> bool:
    """Whether a strategy is a yardstick, no way to use a backbone."""
    strategy = find_strategy(name)
    return strategy is not None and strategy.control


def marked(name: str) -> str:
    """A strategy's name, where it is a control with that word."""
    return f"{name} (control)" if is_control(name) else name


def starts_text(shown: Collection[str]) -> str:
    """What the strategies shown start from, and which are controls."""
    every = [(name, find_strategy(name)) for name in in_order(STRATEGIES) if name in shown]
    starts = {
        start: [name for name, strategy in every if strategy is not None and strategy.start == start]
        for start in ("weights", "random")
    }
    controls = [name for name, _ in every if is_control(name)]
    parts = [
        (starts["weights"], "start", "from the weights named"),
        (starts["random"], "start", "from random weights"),
    ]
    said = [f"{_listed(names)} {verb}{'s' * (len(names) == 1)} {what}" for names, verb, what in parts if names]
    said += [f"{_listed(controls)} {'is a control' if len(controls) == 1 else 'are controls'}"] if controls else []
    return "; ".join(said) + "." * bool(said)


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))

"""The question of a choice: what can be asked, and what is refused."""

from __future__ import annotations

from zoo.choice.basis import PUBLISHED
from zoo.choice.quantities import quantities
from zoo.errors import UnknownNameError, ZooError
from zoo.regimes.strategies import STRATEGIES, in_order, is_usable


def check_objective(objective: str) -> None:
    """Refuse what is not known as an objective."""
    known = quantities()
    if objective not in known:
        raise UnknownNameError("objective", objective, known, f"permitted: {', '.join(known)}")


def check_asked(threads: int | None, task: str | None, shots: int | str | None, strategy: str | None) -> None:
    """Refuse what no measurement can answer, and what would be passed over."""
    if threads is not None and threads < 1:
        raise ZooError(f"--threads must be a whole number of at least 1, not {threads}")
    if task == PUBLISHED and (shots, strategy) != (None, None):
        raise ZooError("published accuracies have no shots and no strategy; leave out --shots and --strategy")
    if strategy is not None and not is_usable(strategy):
        usable = in_order(name for name in STRATEGIES if is_usable(name))
        raise UnknownNameError("strategy", strategy, usable, f"to choose by: {', '.join(usable)}")

"""The question of a choice: what can be asked, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.candidates.basis import PUBLISHED
from zoo.candidates.mix import check_parts, is_mix
from zoo.candidates.quantities import quantities
from zoo.checks import NATIVE, integer, text
from zoo.errors import UnknownNameError, ZooError, option
from zoo.regimes.strategies import STRATEGIES, in_order, is_usable
from zoo.statistics.quantity import ACCURACY, MEASURES

if TYPE_CHECKING:
    from zoo.candidates.comparable import Asked


def check_objective(objective: str) -> None:
    """Refuse what is not known as an objective, or as a mix of some."""
    known = quantities()
    if is_mix(text(objective, "", "objective")):
        check_parts(objective)
        return
    if text(objective, "", "objective") not in known:
        raise UnknownNameError("objective", objective, known, f"permitted: {', '.join(known)}")


def check_asked(asked: Asked, task: str | None, shots: int | str | None, strategy: str | None, measure: str) -> None:
    """Refuse what no measurement can answer, and what would be passed over."""
    for key, words in (("device", asked.device), ("task", task), ("strategy", strategy)):
        if words is not None:
            text(words, "", key)
    for key, count, word in (
        ("threads", asked.threads, ""),
        ("input_size", asked.input_size, NATIVE),
        ("batch", asked.batch, ""),
        ("shots", shots, "all"),
    ):
        if count is not None and not (word and count == word):
            integer(count, "", key, f"or {word!r}" if word else "")
    if text(measure, "", "measure") not in MEASURES:
        raise UnknownNameError("measure", measure, MEASURES, f"permitted: {', '.join(MEASURES)}")
    if task == PUBLISHED and measure != ACCURACY.key:
        raise ZooError(f"published accuracies are plain ones; leave out {option('measure')}")
    if task == PUBLISHED and (shots, strategy) != (None, None):
        raise ZooError(
            "published accuracies have no shots and no strategy; leave out "
            f"{option('shots')} and {option('strategy')}"
        )
    if strategy is not None and not is_usable(strategy):
        usable = in_order(name for name in STRATEGIES if is_usable(name))
        raise UnknownNameError("strategy", strategy, usable, f"to choose by: {', '.join(usable)}")

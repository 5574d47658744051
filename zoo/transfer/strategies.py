"""The strategies: what is trained, where it starts, and what batch norm does meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from zoo.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBES = ("ridge", "logistic")
"""Linear classifiers that can be fitted on cached features; the first is the default."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way of using a backbone on a task.

    Attributes
    ----------
    name : str
    trained : str
        What is fitted to the task's training images, in words.
    start : str
        ``"weights"`` (pretrained), ``"random"`` (a fresh initialisation drawn from the job's seed) or
        ``"none"`` (there is no backbone).
    fits : str
        ``"probe"``: a linear classifier on frozen features; ``"network"``: gradient steps on the network.
    batch_norm : str
        What batch norm does while training, in words; the outcome's note says what it did in fact.
    control : bool
        Whether it is a yardstick for the others rather than a way to use a backbone.
    """

    name: str
    trained: str
    start: str
    fits: str
    batch_norm: str
    control: bool = False


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


def check_probe(name: str) -> str:
    """Return ``name`` if it is one of :data:`PROBES`.

    Raises
    ------
    UnknownNameError
        With the nearest names.
    """
    if name not in PROBES:
        raise UnknownNameError("probe", name, PROBES, f"there are {', '.join(PROBES)}")
    return name

"""How well scores, and size alone, foretell which backbone is best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from zoo.advice.pairs import judged
from zoo.advice.similarity import alone, classified, gain, probed, score, voted
from zoo.errors import ZooError
from zoo.regimes.strategies import find_strategy
from zoo.registry.catalogue import get
from zoo.results.lines import lines
from zoo.sources.naming import NO_WEIGHTS, RANDOM
from zoo.statistics.ranks import kendall, kendall_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zoo.results.lines import Line
    from zoo.results.rows import TransferRow
    from zoo.results.view import Results

    Here = Mapping[str, TransferRow]
    Score = Callable[[Here], float | None]


DECIMALS = 12
"""Of scores that are held together: beyond them equals differ by rounding."""

FEWEST = 3
"""Backbones under which there is no order to speak of."""


@dataclass(frozen=True)
class Agreement:
    """How far the order of backbones by a score is that by accuracy.

    Attributes
    ----------
    tau : float or None
        Kendall's tau-b, from -1 to 1; None where all have the same score, and under three backbones that have one.
    low, high : float or None
        Ends of its interval; None of under six backbones.
    n : int
        Backbones that have the score.
    """

    tau: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Ranking:
    """How each score orders the backbones on one data cell.

    Attributes
    ----------
    row : TransferRow
        One of the cell.
    n : int
        Backbones with a fine-tuned accuracy there.
    by : mapping of str to Agreement
        By the name of the score, in the order of :data:`SCORES`, and then :data:`PARAMS`.
    """

    row: TransferRow
    n: int
    by: Mapping[str, Agreement]


def _params(model: str) -> float | None:
    try:
        return get(model).params
    except ZooError:  # a user's model whose module is not imported now
        return None


SCORES: Mapping[str, Score] = {
    "probe gain": partial(alone, pick=probed, make=gain),
    "kNN gain": partial(alone, pick=voted, make=gain),
    "LogME": partial(alone, pick=classified, make=partial(score, "logme")),
    "H-score": partial(alone, pick=classified, make=partial(score, "h_score")),
}
"""What backbones are ranked by, beside the number of parameters."""

PARAMS = "params"
"""The score by which the bigger model wins."""


def rankings(results: Results) -> list[Ranking]:
    """Each data cell with three fine-tuned backbones or more."""
    rows = [row for row in results.transfer_rows() if row.accuracy is not None]
    held: dict[tuple[object, ...], dict[tuple[object, ...], list[Line]]] = {}
    for line in lines(rows):
        lead = line.lead
        if lead.weights not in (RANDOM, NO_WEIGHTS):
            cell = lead.machine, lead.settings.task_key, lead.shots
            held.setdefault(cell, {}).setdefault(lead.start, []).append(line)
    found, params = [], cache(_params)
    for starts in held.values():
        tuned = {start: best for start, of_start in starts.items() if (best := _fine_tuned(of_start)) is not None}
        if len(tuned) >= FEWEST:
            here = {start: _merged(starts[start]) for start in tuned}
            by = {
                name: _agreement([(value(here[start]), tuned[start]) for start in tuned])
                for name, value in SCORES.items()
            }
            by[PARAMS] = _agreement([(params(starts[start][0].lead.model), tuned[start]) for start in tuned])
            found.append(Ranking(next(iter(starts.values()))[0].lead, len(tuned), by))
    return found


def _fine_tuned(of_start: list[Line]) -> float | None:
    """Highest accuracy of what trains the backbone from its weights."""
    means = [
        judged(row)
        for line in of_start
        for row in line.here.values()
        if (strategy := find_strategy(row.strategy)) is not None
        and strategy.uses_recipe
        and strategy.start == "weights"
        and row.mean is not None
    ]
    return max(means, default=None)


def _merged(of_start: list[Line]) -> Here:
    """All strategies of a start, of several recipes the first."""
    return {name: row for line in reversed(of_start) for name, row in line.here.items()}


def _agreement(pairs: list[tuple[float | None, float]]) -> Agreement:
    known = [(round(value, DECIMALS), round(accuracy, DECIMALS)) for value, accuracy in pairs if value is not None]
    tau = kendall(*zip(*known, strict=True)) if len(known) >= FEWEST else None
    low, high = (kendall_interval(tau, len(known)) if tau is not None else None) or (None, None)
    return Agreement(tau, low, high, len(known))

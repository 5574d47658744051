"""The ratio of two costs, of the same rounds where that is possible."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.results.quantities import rounds_of
from zoo.statistics.comparison import RatioInterval, paired_ratio, unpaired_ratio

if TYPE_CHECKING:
    from zoo.results.record import Record
    from zoo.statistics.quantity import Quantity


FEWEST = 2
"""Fewest rounds from which an interval can be stated."""


@dataclass(frozen=True)
class RoundRatio:
    """What one record's rounds are over another's.

    Attributes
    ----------
    interval : RatioInterval
        Second over first.
    paired : bool
        Whether both were measured in the same rounds.
    of : Quantity
        What the rounds hold: a time, or another cost.
    logs : tuple of float
        Logarithm of the ratio of each round that both have; of none where they were not measured together.
    """

    interval: RatioInterval
    paired: bool
    of: Quantity
    logs: tuple[float, ...] = ()


def ratio_between(a: Record, b: Record) -> RoundRatio | None:
    """Rounds of ``b`` over rounds of ``a``, two costs of one metric.

    None where either has fewer than two rounds, or a round of nothing, over which there is no ratio.
    """
    held = rounds_of(a.trial.cost.metric)
    rounds_a, rounds_b = (record.outcome.samples.get(held.key, []) for record in (a, b))
    if min(len(rounds_a), len(rounds_b)) < FEWEST or min(*rounds_a, *rounds_b) <= 0:
        return None
    if a.outcome.notes.get("cohort") == b.outcome.notes.get("cohort") is not None:
        by_round = dict(zip(_rounds(a), rounds_a, strict=True))
        pairs = [(by_round[i], value) for i, value in zip(_rounds(b), rounds_b, strict=True) if i in by_round]
        if len(pairs) >= FEWEST:
            logs = tuple(math.log(y / x) for x, y in pairs)
            return RoundRatio(paired_ratio([x for x, _ in pairs], [y for _, y in pairs]), True, held, logs)
    return RoundRatio(unpaired_ratio(rounds_a, rounds_b), False, held)


def _rounds(record: Record) -> list[int]:
    """The cohort's round in which each of a record's was taken."""
    index = record.outcome.notes["round_index"]
    assert isinstance(index, list)
    return [int(place) for place in index]

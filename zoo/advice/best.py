"""The best of all strategies of a cell, and its lead over the next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from zoo.advice.pairs import Pairs, in_pairs, judged
from zoo.regimes.strategies import in_order
from zoo.statistics.comparison import holm
from zoo.statistics.resolving import seeds_to_resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zoo.results.rows import TransferRow
    from zoo.statistics.comparison import AccuracyDifference


EQUAL = 0.01
"""Accuracies whose difference lies within so much are equal."""

DOUBTED = 0.05
"""Adjusted p-value from which a difference is no difference."""


class Certainty(Enum):
    """How sure a lead is, or what would make it so."""

    RESOLVED = auto()
    EQUAL = auto()
    ONE_SEED = auto()
    MORE_SEEDS = auto()
    NO_SEEDS = auto()


@dataclass(frozen=True)
class Best:
    """What reached the highest accuracy in a cell.

    Attributes
    ----------
    strategy : str
        A control too, where one was best.
    next : str
        The second; empty where the cell has one strategy alone.
    lead : AccuracyDifference or None
        Accuracy of the best less that of the second, in pairs; None without any.
    resolved : bool
        Whether the lead is one by a p-value adjusted over all cells of the table (Holm).
    seeds : int or None
        How many would resolve it; None where it is resolved, where the images alone keep it open, and of one seed.
    several : bool
        Whether the pairs are of two seeds or more, which ``seeds`` takes.
    """

    strategy: str
    next: str
    lead: AccuracyDifference | None
    resolved: bool
    seeds: int | None
    several: bool

    @property
    def certainty(self) -> Certainty:
        """How sure the lead is, of a cell that has one."""
        if self.resolved:
            return Certainty.RESOLVED
        if is_equal(self.lead):
            return Certainty.EQUAL
        if not self.several:
            return Certainty.ONE_SEED
        return Certainty.NO_SEEDS if self.seeds is None else Certainty.MORE_SEEDS


def is_equal(difference: AccuracyDifference | None) -> bool:
    """Whether the whole interval of a difference is within a point of zero."""
    return difference is not None and difference.low >= -EQUAL and difference.high <= EQUAL


def bests(cells: Sequence[Mapping[str, TransferRow]]) -> list[Best]:
    """The best of each cell, its lead judged among those of all.

    Parameters
    ----------
    cells : sequence of mapping of str to TransferRow
        By strategy; each row with an accuracy, and each cell with a row.
    """
    ranked = [_ranked(here) for here in cells]
    pairs = [in_pairs(rows[1], rows[0]) if len(rows) > 1 else None for rows in ranked]
    leads = [None if found is None else found.difference for found in pairs]
    adjusted = holm([1.0 if lead is None else lead.p for lead in leads])
    resolved = [p < DOUBTED for p in adjusted]
    # The smallest p-value of those left open has to hold among so many.
    confidence = 1 - DOUBTED / max(1, resolved.count(False))
    return [
        Best(
            strategy=rows[0].strategy,
            next=rows[1].strategy if len(rows) > 1 else "",
            lead=lead,
            resolved=told,
            seeds=None if told else _seeds(found, confidence),
            several=found is not None and len(found.seeds) > 1,
        )
        for rows, found, lead, told in zip(ranked, pairs, leads, resolved, strict=True)
    ]


def _ranked(here: Mapping[str, TransferRow]) -> list[TransferRow]:
    """Rows by accuracy, the highest first; of equals the first of the table."""
    rows = [here[name] for name in in_order(here)]
    return sorted(rows, key=lambda row: -judged(row))


def _seeds(found: Pairs | None, confidence: float) -> int | None:
    if found is None or len(found.seeds) < 2 or len(found.first[0]) < 2:
        return None
    return seeds_to_resolve(found.first, found.second, confidence, labels=found.labels)

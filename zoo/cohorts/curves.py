"""Curves over batches: how far each goes, by what was measured so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.cost.metrics import METRICS
from zoo.statistics.curve import CurvePoint, why_ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from zoo.cost.case import Case
    from zoo.cost.settings import CostSettings
    from zoo.outcome import Outcome

Line = tuple[str, "str | Path | None", "CostSettings"]
"""Model, weights and settings but for the batch: what the points of one curve share."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a curve.

    Attributes
    ----------
    last : Case
        The last point that is needed.
    why : str
        In a few words.
    beyond : tuple of Case
        Points that need no measuring.
    """

    last: Case
    why: str
    beyond: tuple[Case, ...]

    def __str__(self) -> str:
        settings = self.last.settings
        return f"{self.last.model}, {settings.describe()}: {self.why}; larger batches are not measured"


class Curves:
    """The curves of some cases, and what is known of their points.

    The halves of an A/A pair are of one curve, which ends for both where it ends for the first.

    Parameters
    ----------
    cases : iterable of Case
        Those on no curve are needed whatever comes.
    known : iterable of (Case, CurvePoint)
        Points that were measured before.
    """

    def __init__(self, cases: Iterable[Case] = (), known: Iterable[tuple[Case, CurvePoint]] = ()) -> None:
        self._cases: dict[Line, dict[int, list[Case]]] = {}
        self._known: dict[Case, CurvePoint] = dict(known)
        every = dict.fromkeys((*cases, *self._known))
        lines = {_line(case) for case in every if case.on_curve}
        for case in every:
            if _line(case) in lines and _doubles(case.settings.batch):
                self._cases.setdefault(_line(case), {}).setdefault(case.settings.batch, []).append(case)

    @property
    def known(self) -> tuple[tuple[Case, CurvePoint], ...]:
        """Points that were measured, of every curve."""
        return tuple(self._known.items())

    @property
    def unneeded(self) -> frozenset[str]:
        """Labels of the points beyond the ends that were found, and not measured."""
        return frozenset(case.label for line in self._cases for case in self._beyond(line))

    def needs(self, case: Case) -> bool:
        """Whether a case is to be measured, by what is known now."""
        return not case.on_curve or case not in self._beyond(_line(case))

    def add(self, case: Case, outcome: Outcome) -> Ended | None:
        """Take what came of a case.

        Returns the end of its curve where that is found by it, and leaves anything out.
        """
        line = _line(case)
        if line not in self._cases or not _doubles(case.settings.batch):
            return None
        before = self._end(line)
        rate = outcome.metrics.get(METRICS.get(case.settings.metric).quantity.key)
        ran = rate is not None and rate.value > 0
        self._known[case] = CurvePoint(case.settings.batch, rate if ran else None, "" if ran else str(outcome.status))
        end, beyond = self._end(line), tuple(self._beyond(line))
        return Ended(*end, beyond) if end is not None and before is None and beyond else None

    def _end(self, line: Line) -> tuple[Case, str] | None:
        """The last point that is needed, and why no larger one is; None where that is not known."""
        points: list[CurvePoint] = []
        for batch in sorted(self._cases.get(line, ())):
            first = min(self._cases[line][batch], key=lambda case: case.replica)
            if first not in self._known:
                return None
            points.append(self._known[first])
            if why := why_ended(points):
                return first, why
        return None

    def _beyond(self, line: Line) -> Iterator[Case]:
        """Points beyond the end that were not measured, smallest first."""
        end = self._end(line)
        if end is None:
            return
        for batch in sorted(self._cases[line]):
            if batch > end[0].settings.batch:
                yield from (case for case in self._cases[line][batch] if case.on_curve and case not in self._known)


def _line(case: Case) -> Line:
    return case.model, case.weights, replace(case.settings, batch=0, replica=0)


def _doubles(batch: int) -> bool:
    return batch & (batch - 1) == 0

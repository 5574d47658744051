"""What a choice must not exceed or fall under."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.candidates.quantities import limited_quantities
from zoo.checks import number
from zoo.choice.ties import is_as_stated
from zoo.errors import UnknownNameError, ZooError, option
from zoo.registry.licences import is_permitted
from zoo.registry.search import check_licences
from zoo.results.number import doubts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zoo.candidates.candidate import Candidate
    from zoo.statistics.quantity import Quantity


class Limits:
    """Limits on measured values and static facts, each of its own name.

    A limit on a measured value is held against the value itself. Where the interval reaches beyond the limit, the
    choice says that it is not certain.

    Parameters
    ----------
    licence : str or iterable of str
        Licences that the weights may have, as :func:`zoo.registry.licences.is_permitted` takes them. Weights
        that were trained here, and random ones, have nobody's licence and meet every limit.
    bounds : float or None
        ``max_latency_ms``, ``min_accuracy`` (a fraction), ``min_throughput`` (images a second), ``max_params``,
        ``max_macs``, ``max_p99_ms``, ``min_balanced_accuracy`` and ``min_robustness`` (fractions), and the same of
        every other metric (:attr:`zoo.statistics.quantity.Quantity.limit`); None is no limit.

    Raises
    ------
    ZooError
        For a limit on nothing that is known, a bound that no value could meet, and a licence that nothing has.
    """

    def __init__(self, *, licence: str | Iterable[str] = (), **bounds: float | None) -> None:
        known = limits_by_name()
        self.licence = check_licences(licence)
        self.bounds: dict[str, float] = {}
        for name, bound in bounds.items():
            if name not in known:
                raise UnknownNameError("limit", name, known, f"permitted: {', '.join(known)}")
            if bound is not None:
                self.bounds[known[name][0]] = _checked(known[name][1], bound)

    def only(self, names: Iterable[str]) -> Limits:
        """The limits on some quantities alone, without those on licences."""
        asked = set(names)
        return self._with((), {name: bound for name, bound in self.bounds.items() if name in asked})

    def but(self, names: Iterable[str]) -> Limits:
        """The limits on licences and on all quantities but some."""
        return self._with(
            self.licence, {name: bound for name, bound in self.bounds.items() if name not in set(names)}
        )

    def each(self) -> list[tuple[str, Limits]]:
        """Every limit as it is read, with the limits that are left without it."""
        found = []
        for objective, bound in self.bounds.items():
            left = {name: other for name, other in self.bounds.items() if name != objective}
            found.append((f"{limited_quantities()[objective].limit_shown} {bound:g}", self._with(self.licence, left)))
        if self.licence:
            found.append((f"licence {', '.join(self.licence)}", self._with((), self.bounds)))
        return found

    def _with(self, licence: Iterable[str], bounds: Mapping[str, float]) -> Limits:
        found = Limits(licence=licence)
        found.bounds.update(bounds)
        return found


def limits_by_name() -> dict[str, tuple[str, Quantity]]:
    """Objective and quantity of each limit that can be set."""
    return {quantity.limit: (objective, quantity) for objective, quantity in limited_quantities().items()}


def _checked(quantity: Quantity, bound: float) -> float:
    found = number(bound, "", quantity.limit)
    if quantity.most is not None and found > quantity.most:
        raise ZooError(f"{option(quantity.limit)} is a {quantity.unit} up to {quantity.most:g}, not {found:g}")
    return found


MISSING = {"max-params": "not counted", "max-macs": "not counted", "min-robustness": "not published"}
"""What is said of a value that is not known; of others that it was not measured."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A limit that a candidate breaks.

    Attributes
    ----------
    excess : float or None
        How far beyond the limit, as a fraction of it; None where nothing was measured, and for a licence.
    px : int or None
        Side of the images that MACs are of.
    doubts : tuple of str
        What makes the value doubtful, in words.
    """

    limit: str
    bound: float | str
    value: float | str | None
    excess: float | None
    px: int | None = None
    doubts: tuple[str, ...] = ()

    def __str__(self) -> str:
        if isinstance(self.bound, str):
            return f"{self.limit} {self.bound} (has {self.value or 'none that is stated'})"
        if self.value is None:
            return f"{self.limit} {self.bound:g} ({MISSING.get(self.limit, 'not measured')})"
        at = f" at {self.px} px" if self.px else ""
        return f"{self.limit} {self.bound:g} ({', '.join((f'has {self.value:.4g}{at}', *self.doubts))})"


def excess(broken: Iterable[Violation]) -> float:
    """How far limits are broken in all, infinite without a measured value."""
    return sum(math.inf if violation.excess is None else violation.excess for violation in broken)


def violations(candidate: Candidate, limits: Limits) -> list[Violation]:
    """Every limit that a candidate breaks.

    What was not measured breaks a limit on it.
    """
    found = []
    for objective, quantity in limited_quantities().items():
        bound = limits.bounds.get(objective)
        if bound is None:
            continue
        measured = candidate.value(objective)
        shown = quantity.limit_shown
        px = candidate.macs_px if objective == "macs" else None
        if measured is None:
            found.append(Violation(shown, bound, None, None, px))
        elif quantity.beyond(measured.value, bound):
            excess = abs(measured.value - bound) / bound
            said = () if is_as_stated(candidate, objective) else _doubts_beyond(candidate, objective, quantity, bound)
            found.append(Violation(shown, bound, float(measured.value), excess, px, said))
    if limits.licence and candidate.published_weights and not is_permitted(candidate.licence, limits.licence):
        found.append(Violation("licence", ", ".join(limits.licence), candidate.licence, None))
    return found


def _doubts_beyond(candidate: Candidate, objective: str, quantity: Quantity, bound: float) -> tuple[str, ...]:
    """What makes it doubtful that a value is beyond a limit: its marks, and an interval that reaches within."""
    measured = candidate.value(objective)
    assert measured is not None
    found = doubts(measured, candidate.marks.get(objective))
    end = measured.low if quantity.better == "lower" else measured.high
    reaches = end is not None and not quantity.beyond(end, bound)
    return (*([f"its interval reaches {end:.4g}"] if reaches else []), *found)


def uncertain(candidate: Candidate, limits: Limits) -> list[str]:
    """Limits that the value meets and its interval does not.

    And those that it meets without an interval.
    """
    found = []
    for objective, quantity in limited_quantities().items():
        bound = limits.bounds.get(objective)
        measured = None if bound is None else candidate.value(objective)
        if bound is None or measured is None:
            continue
        if None in (measured.low, measured.high) and not is_as_stated(candidate, objective):
            found.append(f"{quantity.label} has no interval")
        lower = quantity.better == "lower"
        end = measured.high if lower else measured.low
        if end is not None and quantity.beyond(end, bound):
            number = f"{end:.3f}" if quantity.unit == "fraction" else f"{end:.4g} {quantity.unit}"
            found.append(f"{quantity.label} may {'reach' if lower else 'be as low as'} {number}")
    return found

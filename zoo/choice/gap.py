"""How much better one candidate is than another, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.advice.pairs import in_pairs, is_same_for_all
from zoo.candidates.mix import is_mix, parts
from zoo.candidates.quantities import quantities
from zoo.results.ratio import ratio_between
from zoo.statistics.resolving import rounds_to_resolve, seeds_to_resolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.advice.pairs import Pairs
    from zoo.candidates.candidate import Candidate
    from zoo.canonical import JsonObject
    from zoo.results.ratio import RoundRatio
    from zoo.statistics.measurement import Measurement
    from zoo.statistics.quantity import Quantity


EXACT = ("params", "macs")
"""What is counted, and has no interval because it needs none."""


FACTOR_FROM = 1.0
"""Share from which a factor is shown in its place: twice as much."""


@dataclass(frozen=True, slots=True)
class Gap:
    """How much better a first candidate is than a second.

    Attributes
    ----------
    value : float
        Above 0 where the first is better: a difference of accuracies, as a fraction, or by how much of the first's
        cost the second costs more.
    low, high : float or None
        Ends of its 95% interval; None where one of the two has none.
    paired : bool
        Whether it is of the same seeds and test images, or of the same rounds.
    exact : bool
        Whether both are counted, or as others state them.
    one_seed : bool
        Whether it says nothing of the spread over seeds, since one of the two was trained with one alone.
    unit : str
        ``"fraction"`` of a difference of accuracies, ``"ratio"`` of one of costs.
    pairs : int
        Seeds, or rounds, that both have. The numbers of the two by themselves may be of others as well.
    """

    value: float
    low: float | None = None
    high: float | None = None
    paired: bool = False
    exact: bool = False
    one_seed: bool = False
    unit: str = "ratio"
    pairs: int = 0

    @property
    def is_told(self) -> bool:
        """Whether the two differ for certain, whichever is better."""
        if self.exact:
            return self.value != 0
        return not self.one_seed and self.low is not None and self.high is not None and not self.low <= 0 <= self.high

    @property
    def is_behind(self) -> bool:
        """Whether the first is worse for certain."""
        return self.is_told and self.value < 0

    def to_text(self) -> str:
        """Such as ``2.1 points [-1.0, 5.2] in pairs``."""
        how = "in pairs" if self.unit == "fraction" else f"in the same {self.pairs} rounds"
        known = [self.value] if self.low is None or self.high is None else [self.value, self.low, self.high]
        if self.unit == "ratio" and self.value >= FACTOR_FROM:
            before, after, shown = "a factor of ", "", [f"{1 + value:.2f}" for value in known]
        else:
            before, after, shown = (
                "",
                " points" if self.unit == "fraction" else "%",
                [f"{100 * v:.1f}" for v in known],
            )
        said = f"{before}{shown[0]}{after}"
        if len(shown) == 1:
            return said
        return f"{said} [{shown[1]}, {shown[2]}]" + (f" {how}" if self.paired else "")

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "paired": self.paired,
            "pairs": self.pairs,
            "one_seed": self.one_seed,
            "resolved": self.is_told,
        }


def gap(first: Candidate, second: Candidate, objective: str) -> Gap:
    """How much better the first candidate is than the second.

    In pairs where both were trained with the same seeds and tested on the same images, or timed in the same rounds.
    Else from the two intervals, whose halves add in squares, as those of a difference of independent numbers do (the
    method of variance estimates recovery: Zou and Donner, *Stat. Med.* 27, 2008). There is no interval where either
    of two costs has none: what a few rounds say is too little.

    Parameters
    ----------
    first, second : Candidate
        Each with a value of the objective.
    objective : str
        One of :func:`zoo.candidates.quantities.quantities`.
    """
    a, b = first.value(objective), second.value(objective)
    assert a is not None
    assert b is not None
    if objective == "accuracy":
        return _of_accuracies(first, second, a, b)
    if weights := parts(objective):
        return _of_mixes([(weight, gap(first, second, name)) for name, weight in weights.items()])
    quantity = quantities()[objective]
    if objective in EXACT:
        return Gap(_excess(a.value, b.value, quantity), exact=True)
    if None in (a.low, a.high, b.low, b.high):
        return Gap(_excess(a.value, b.value, quantity))
    ratio = _rounds(first, second, objective)
    if ratio is None:
        return Gap(*_of_logs(a, b, quantity))
    found = ratio.interval
    if ratio.of.better == "lower":
        return Gap(found.ratio - 1, found.low - 1, found.high - 1, ratio.paired, pairs=len(ratio.logs))
    ends = 1 / found.ratio - 1, 1 / found.high - 1, 1 / found.low - 1
    return Gap(*ends, ratio.paired, pairs=len(ratio.logs))


def settling(first: Candidate, second: Candidate, objective: str, found: Gap) -> str:
    """What would tell two candidates apart that are not, in words.

    Such as ``about 9 seeds would tell, 3 now``.
    """
    if is_mix(objective):
        return "more seeds and rounds of its parts would tell"
    if objective == "accuracy":
        if found.one_seed:
            return "one seed says nothing of the spread over seeds"
        pairs = _pairs(first, second)
        if pairs is None:
            return "they share no seeds and test images, as one run of both would"
        needed = seeds_to_resolve(pairs.first, pairs.second, labels=pairs.labels)
        has, nothing = len(pairs.seeds), "more seeds would not tell, more test images might"
        return f"about {needed} seeds would tell, {has} now" if needed else nothing
    ratio = _rounds(first, second, objective)
    if ratio is None or not ratio.paired:
        return "they were not measured in the same rounds, as one run of both would"
    needed = rounds_to_resolve(ratio.logs)
    return f"about {needed} rounds would tell, {ratio.interval.n} now" if needed else "as good as equal"


def _of_mixes(found: Sequence[tuple[float, Gap]]) -> Gap:
    """The gap of a mix, whose halves have those of its parts in squares."""
    value, below, above = 0.0, 0.0, 0.0
    for weight, part in found:
        at, low, high = (
            None if end is None else weight * _worth(end, part.unit) for end in (part.value, part.low, part.high)
        )
        value += at or 0.0
        if part.exact:
            continue
        if at is None or low is None or high is None:
            below = math.inf
        else:
            below, above = math.hypot(below, at - low), math.hypot(above, high - at)
    return Gap(
        value,
        value - below if math.isfinite(below) else None,
        value + above if math.isfinite(below) else None,
        paired=all(part.paired or part.exact for _, part in found),
        exact=all(part.exact for _, part in found),
        one_seed=any(part.one_seed for _, part in found),
        unit="fraction",
    )


def _worth(value: float, unit: str) -> float:
    """A gap as a fraction of a point's hundred: a difference of accuracies, or the logarithm of a ratio."""
    return value if unit == "fraction" else math.log1p(value)


def _of_accuracies(first: Candidate, second: Candidate, a: Measurement, b: Measurement) -> Gap:
    value = a.value - b.value
    if first.is_stated and second.is_stated:
        return Gap(value, exact=True, unit="fraction")
    pairs = _pairs(first, second)
    if pairs is not None:
        found = pairs.difference
        alone = len(pairs.seeds) == 1 and not (_is_fixed(first) and _is_fixed(second))
        ends = found.value, found.low, found.high
        return Gap(*ends, paired=True, one_seed=alone, unit="fraction", pairs=len(pairs.seeds))
    low, high = _apart(value, (a.value, a.low, a.high), (b.value, b.low, b.high))
    alone = any(_has_one_seed(candidate) for candidate in (first, second))
    return Gap(value, low, high, one_seed=alone, unit="fraction")


def _pairs(first: Candidate, second: Candidate) -> Pairs | None:
    """What both got right, the first's in the place of what is better.

    None of pairs of one seed where both have several: their own intervals then say more.
    """
    if first.transfer is None or second.transfer is None:
        return None
    found = in_pairs(second.transfer, first.transfer, first.measure)
    few = found is not None and len(found.seeds) == 1 < min(len(first.transfer.seeds), len(second.transfer.seeds))
    return None if few else found


def _has_one_seed(candidate: Candidate) -> bool:
    return candidate.transfer is not None and len(candidate.transfer.seeds) == 1 and not _is_fixed(candidate)


def _is_fixed(candidate: Candidate) -> bool:
    return candidate.transfer is not None and is_same_for_all(candidate.transfer)


def _rounds(first: Candidate, second: Candidate, objective: str) -> RoundRatio | None:
    """Rounds of the second over those of the first."""
    a, b = first.rows.get(objective), second.rows.get(objective)
    return None if a is None or b is None else ratio_between(a.record, b.record)


def _excess(a: float, b: float, quantity: Quantity) -> float:
    """By how much of the first the second costs more."""
    if a == b:
        return 0.0
    better, worse = (a, b) if quantity.better == "lower" else (b, a)
    return worse / better - 1 if better else math.inf


def _of_logs(a: Measurement, b: Measurement, quantity: Quantity) -> tuple[float, float | None, float | None]:
    """The same with its interval, of two numbers that were measured apart."""
    value = _excess(a.value, b.value, quantity)
    known = (a.value, a.low, a.high, b.value, b.low, b.high)
    if any(one is None or one <= 0 for one in known):
        return value, None, None
    logs = [math.log(one) for one in known if one is not None]
    # Of what is better lower, the second's less the first's.
    mine, theirs = (logs[3:], logs[:3]) if quantity.better == "lower" else (logs[:3], logs[3:])
    low, high = _apart(mine[0] - theirs[0], (mine[0], mine[1], mine[2]), (theirs[0], theirs[1], theirs[2]))
    assert low is not None
    assert high is not None
    return value, math.exp(low) - 1, math.exp(high) - 1


Ends = tuple[float, float | None, float | None]


def _apart(value: float, a: Ends, b: Ends) -> tuple[float | None, float | None]:
    """Ends of a difference of two independent numbers, from theirs."""
    (at, low, high), (other, other_low, other_high) = a, b
    if low is None or high is None or other_low is None or other_high is None:
        return None, None
    return value - math.hypot(at - low, other_high - other), value + math.hypot(high - at, other - other_low)

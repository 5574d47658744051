"""How far two candidates are apart, found anew from rounds, seeds and test images."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cache
from statistics import fmean, median, stdev
from typing import Any

from scipy import stats

from tests.report.facts import Cost, Regime, difference_ends

POINTS, SHARE = 0.01, 0.05
"""Within which a tie is broken, where nobody says otherwise."""


@dataclass(frozen=True)
class Apart:
    """How much better a first is than a second: a difference, or a share of the first's cost."""

    value: float
    low: float | None
    high: float | None
    paired: bool
    alone: bool
    pairs: int = 0

    @property
    def told(self) -> bool:
        return self.low is not None and self.high is not None and not self.alone and (self.low > 0 or self.high < 0)

    def standing(self, margin: float) -> str:
        """One of ``untold``, ``behind``, ``tied`` and ``unproven``."""
        if self.low is None:
            return "untold"
        return "behind" if self.told else "tied" if abs(self.value) < margin + 1e-8 else "unproven"


def of_regimes(first: Regime, second: Regime) -> Apart:
    """The difference of two accuracies."""
    ours, theirs = (_seeds(one, other) for one, other in ((first, second), (second, first)))
    common = [s for s in ours if s in theirs and len(ours[s]) == len(theirs[s])]
    alone = {len(one.correct) for one in (first, second)}
    if common and not (len(common) == 1 and 1 not in alone):
        mean, low, high, _ = difference_ends([theirs[s] for s in common], [ours[s] for s in common])
        fixed = _fixed(first) and _fixed(second)
        return Apart(mean, low, high, paired=True, alone=len(common) == 1 and not fixed, pairs=len(common))
    a, b = first.value or 0.0, second.value or 0.0
    one_seed = any(len(one.correct) == 1 and not _fixed(one) for one in (first, second))
    return Apart(a - b, *_independent((a, *first.ends), (b, *second.ends)), paired=False, alone=one_seed)


def of_costs(first: Cost, second: Cost) -> Apart:
    """By how much the second is dearer than the first, of times."""
    value = (second.value or 0.0) / (first.value or 1.0) - 1
    if None in (first.low, second.low):
        return Apart(value, None, None, paired=False, alone=False)
    taken = [_by_round(one.record) for one in (first, second)]
    same = [one.record.outcome.notes.get("cohort") for one in (first, second)]
    common = [place for place in taken[0] if place in taken[1]] if same[0] == same[1] and same[0] else []
    if len(common) > 1:
        logs = [math.log(taken[1][place] / taken[0][place]) for place in common]
        return Apart(*(math.exp(x) - 1 for x in _in_pairs(logs)), paired=True, alone=False, pairs=len(common))
    logs = [[math.log(x) for x in one.values()] for one in reversed(taken)]  # type: ignore[misc]
    found = stats.ttest_ind(*logs, equal_var=False).confidence_interval(0.95)
    centre = fmean(logs[0]) - fmean(logs[1])  # type: ignore[arg-type]
    return Apart(math.exp(centre) - 1, math.exp(found.low) - 1, math.exp(found.high) - 1, paired=False, alone=False)


def _seeds(regime: Regime, other: Regime) -> dict[int, list[int]]:
    """Right and wrong by seed, one run standing for all where every seed gives the same."""
    if _fixed(regime) and len(regime.correct) == 1:
        return dict.fromkeys([*regime.correct, *other.correct], next(iter(regime.correct.values())))
    return regime.correct


def _fixed(regime: Regime) -> bool:
    return regime.shots == "all" and regime.strategy in ("knn", "classifier_mid", "classifier", "pixels")


def _by_round(record: Any) -> dict[int, float]:
    rounds = record.outcome.samples["round_medians_ms"]
    return dict(zip(record.outcome.notes.get("round_index", range(len(rounds))), rounds, strict=True))


def _independent(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, float]:
    down, up = math.hypot(a[0] - a[1], b[2] - b[0]), math.hypot(a[2] - a[0], b[0] - b[1])
    return a[0] - b[0] - down, a[0] - b[0] + up


def _in_pairs(logs: list[float]) -> tuple[float, float, float]:
    """Hodges and Lehmann's centre, within the wider of Student's interval and that of signed ranks."""
    n = len(logs)
    walsh = sorted((x + y) / 2 for x, y in itertools.combinations_with_replacement(logs, 2))
    centre, mean = median(walsh), fmean(logs)
    half = float(stats.t.ppf(0.975, n - 1)) * stdev(logs) / math.sqrt(n)
    low, high = min(mean - half, centre), max(mean + half, centre)
    if n >= 6:
        below = _outside(n)
        low, high = min(low, walsh[below - 1]), max(high, walsh[-below])
    return centre, low, high


@cache
def _outside(n: int) -> int:
    """The most mean pairs that can be left out at either end, by every pattern of signs."""
    patterns = itertools.product((0, 1), repeat=n)
    sums = [sum(rank for rank, sign in enumerate(signs, 1) if sign) for signs in patterns]
    return max(k for k in range(n * (n + 1) // 2) if sum(total < k for total in sums) <= 0.025 * 2**n)

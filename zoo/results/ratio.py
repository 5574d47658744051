"""The ratio of two timed records, round by round where they were timed together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.statistics.comparison import RatioInterval, paired_ratio, unpaired_ratio

if TYPE_CHECKING:
    from zoo.results.record import Record


def ratio_between(a: Record, b: Record) -> tuple[RatioInterval, bool]:
    """Time of ``b`` over time of ``a``: round by round where they were timed together."""
    times_a, times_b = a.outcome.samples["round_medians_ms"], b.outcome.samples["round_medians_ms"]
    if a.outcome.notes.get("cohort") == b.outcome.notes.get("cohort") is not None:
        by_round = dict(zip(_rounds(a), times_a, strict=True))
        pairs = [(by_round[i], time) for i, time in zip(_rounds(b), times_b, strict=True) if i in by_round]
        if len(pairs) >= 2:
            return paired_ratio([x for x, _ in pairs], [y for _, y in pairs]), True
    return unpaired_ratio(times_a, times_b), False


def _rounds(record: Record) -> list[int]:
    """The cohort's round in which each of a record's was taken."""
    index = record.outcome.notes["round_index"]
    assert isinstance(index, list)
    return [int(place) for place in index]

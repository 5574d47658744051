"""What two measurements of the same thing say of each other: a change with its interval, and a verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.canonical import canonical_digest
from zoo.report.describe import describe_trial, setting_text
from zoo.results.ratio import ratio_between
from zoo.results.rows import BAD
from zoo.statistics.comparison import Verdict, common_movement, holm, paired_difference, relative_to, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zoo.results.record import Record
    from zoo.statistics.comparison import RatioInterval

    Pair = tuple[Record, Record]


ALPHA = 0.05

SAME_WIDTH = 0.04
"""Widest interval of a difference of accuracies, around 0, that is called the same."""


@dataclass(frozen=True)
class ComparedRow:
    """One thing that both sides measured, or that one of them could not.

    Attributes
    ----------
    name, what : str
        The model, and the setting or the cell.
    change : str
        The change in words.
    verdict : str
        ``FASTER``, ``SLOWER``, ``SAME``, ``UNRESOLVED`` for times; ``BETTER``, ``WORSE``, ``SAME``,
        ``UNRESOLVED`` for accuracies; ``BROKE`` and ``MENDED`` where only one side has a number; ``n/a`` where
        there is no verdict at all.
    unit : str
        ``"ratio of times"`` (B over A) or ``"difference of fractions"`` (B less A); empty without a number.
    value, low, high : float or None
        What is judged, with its 95% interval.
    p : float or None
        Two-sided p-value of no change, by Holm's correction over the table.
    """

    name: str
    what: str
    change: str
    verdict: str
    unit: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


def judge(
    pairs: Sequence[Pair], margin: float, common: Mapping[str, RatioInterval] | None = None
) -> list[ComparedRow]:
    """A row for each time, for each accuracy over all its seeds, and for each trial that failed on a side.

    Parameters
    ----------
    pairs : sequence of (Record, Record)
    margin : float
        Relative change of a time that is called the same.
    common : mapping, optional
        Movement of the machine by setting (:func:`movements`), which times are judged against.
    """
    rows = []
    for group in _groups(pairs):
        x, y = group[0]
        if x.outcome.status in BAD or y.outcome.status in BAD:
            rows.append(_broken(x, y))
        elif x.trial.kind == "cost":
            rows.append(_time(x, y, margin, (common or {}).get(setting_text(x))))
        else:
            rows.append(_accuracy(group))
    return _corrected(rows)


def movements(pairs: Sequence[Pair]) -> dict[str, RatioInterval]:
    """What the models of each setting have in common, where there are enough of them; replicas do not count."""
    by_setting: dict[str, list[RatioInterval]] = {}
    for x, y in pairs:
        timed = x.trial.kind == "cost" and not {x.outcome.status, y.outcome.status} & set(BAD)
        if timed and x.id != y.id and not x.trial.settings.get("replica"):
            by_setting.setdefault(setting_text(x), []).append(ratio_between(x, y)[0])
    found = {what: common_movement(ratios) for what, ratios in by_setting.items()}
    return {what: common for what, common in found.items() if common is not None}


def percent(ratio: float) -> str:
    """A ratio of times as a change."""
    return f"{(ratio - 1) * 100:+.1f}%"


def _groups(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Pairs that one row is made of: the seeds of an accuracy together, everything else by itself."""
    groups: dict[object, list[Pair]] = {}
    for place, (x, y) in enumerate(pairs):
        failed = x.outcome.status in BAD or y.outcome.status in BAD
        cell = place if failed or "seed" not in x.trial.settings else _cell(x)
        groups.setdefault(cell, []).append((x, y))
    return list(groups.values())


def _cell(record: Record) -> str:
    settings = {key: value for key, value in record.trial.settings.items() if key != "seed"}
    trial = record.trial
    return canonical_digest([trial.kind, trial.model, trial.weights, settings])


def _broken(x: Record, y: Record) -> ComparedRow:
    bad_x, bad_y = x.outcome.status in BAD, y.outcome.status in BAD
    word = "SAME" if bad_x and bad_y else "MENDED" if bad_x else "BROKE"
    return ComparedRow(x.trial.display_name, _what(x), f"{x.outcome.status} → {y.outcome.status}", word)


def _time(x: Record, y: Record, margin: float, beside: RatioInterval | None) -> ComparedRow:
    ratio, _ = ratio_between(x, y)
    judged = ratio if beside is None else relative_to(ratio, beside)
    change = f"{_interval(ratio)} time" + ("" if beside is None else f", {_interval(judged)} against all")
    return ComparedRow(
        x.trial.display_name,
        _what(x),
        change,
        str(verdict(judged, margin)),
        "ratio of times",
        judged.ratio,
        judged.low,
        judged.high,
        judged.p,
    )


def _accuracy(group: list[Pair]) -> ComparedRow:
    x = group[0][0]
    what = _what(x)
    if "seed" in x.trial.settings:
        seeds = [pair[0].trial.settings["seed"] for pair in group]
        count = f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds"
        settings = {key: value for key, value in x.trial.settings.items() if key != "seed"}
        what = f"{describe_trial(settings)}, {count}"
    sides = [[_correct(pair[side]) for pair in group] for side in (0, 1)]
    counts = sorted({len(row) for side in sides for row in side})
    if len(counts) > 1:
        text = f"{' and '.join(map(str, counts))} test images"
        return ComparedRow(x.trial.display_name, what, text, str(Verdict.UNRESOLVED))
    d = paired_difference(*sides)
    word = "BETTER" if d.low > 0 else "WORSE" if d.high < 0 else ""
    word = word or ("SAME" if d.high - d.low < SAME_WIDTH else str(Verdict.UNRESOLVED))
    change = f"{100 * d.value:+.1f} [{100 * d.low:+.1f}, {100 * d.high:+.1f}] points"
    return ComparedRow(
        x.trial.display_name, what, change, word, "difference of fractions", d.value, d.low, d.high, d.p
    )


def _correct(record: Record) -> list[int]:
    """Each test image right or wrong; of an evaluation, by its first answer."""
    samples = record.outcome.samples
    return [int(value) for value in samples["top1" if record.trial.kind == "evaluate" else "correct"]]


def _corrected(rows: list[ComparedRow]) -> list[ComparedRow]:
    """The rows with p-values by Holm, and without the verdicts that these do not bear."""
    tested = [row for row in rows if row.p is not None]
    adjusted = dict(zip(map(id, tested), holm([row.p for row in tested if row.p is not None]), strict=True))
    found = []
    for row in rows:
        p = adjusted.get(id(row))
        decided = row.verdict in ("FASTER", "SLOWER", "BETTER", "WORSE")
        word = str(Verdict.UNRESOLVED) if p is not None and p > ALPHA and decided else row.verdict
        found.append(replace(row, verdict=word, p=p))
    return found


def _what(record: Record) -> str:
    if record.trial.kind != "cost":
        return describe_trial(record.trial.settings)
    return setting_text(record) + (", A/A twin" if record.trial.settings.get("replica") else "")


def _interval(ratio: RatioInterval) -> str:
    return f"{percent(ratio.ratio)} [{percent(ratio.low)}, {percent(ratio.high)}]"

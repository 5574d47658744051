"""Two measurements of one thing judged: a change, its interval, a verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.cost.settings import CostSettings
from zoo.outcome import Status
from zoo.regimes.settings import PretrainSettings, TransferSettings
from zoo.results.number import Marks, marked
from zoo.results.quantities import quantity_of
from zoo.results.ratio import ratio_between
from zoo.results.rows import BAD
from zoo.statistics.comparison import Verdict, common_movement, holm, paired_difference, relative_to, verdict
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from zoo.results.record import Record
    from zoo.statistics.comparison import RatioInterval
    from zoo.statistics.quantity import Quantity

    Pair = tuple[Record, Record]


ALPHA = 0.05

SAME_WIDTH = 0.04
"""Widest interval of a difference of accuracies, around 0, that is called the same."""

RATIO = "ratio of "
"""Begins the unit of a row that holds a cost of B over that of A."""

BROKE, MENDED = "BROKE", "MENDED"
"""Verdicts where only one side has a number."""


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
        The words of the quantity for a change to the better or the worse (``FASTER``, ``SLOWER`` of times,
        ``BETTER``, ``WORSE`` of accuracies), ``SAME`` or ``UNRESOLVED``; ``BROKE`` and ``MENDED`` where only one
        side has a number; ``n/a`` where there is no verdict at all.
    unit : str
        ``"ratio of times"``, or of another cost, (B over A) or ``"difference of fractions"`` (B less A); empty
        without a number.
    value, low, high : float or None
        What is judged, with its 95% interval.
    p : float or None
        Two-sided p-value of no change, by Holm's correction over the table.
    better : bool or None
        Whether the verdict is a change to the better; None where it is none, or none of a number.
    label : str
        What is judged, in a word: ``"time"``.
    records_a, records_b : tuple of str
        Ids of the records of each side.
    doubts : str
        What makes the numbers of either side doubtful, in words.
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
    better: bool | None = None
    label: str = ""
    records_a: tuple[str, ...] = ()
    records_b: tuple[str, ...] = ()
    doubts: str = ""


def judge(
    pairs: Sequence[Pair], margin: float, common: Mapping[str, RatioInterval] | None = None
) -> list[ComparedRow]:
    """Judge pairs of records.

    A row for each cost, for each accuracy over all its seeds, and for each trial that failed on a side.

    Parameters
    ----------
    pairs : sequence of (Record, Record)
    margin : float
        Relative change of a cost that is called the same.
    common : mapping, optional
        Movement of the machine by setting (:func:`movements`), which times are judged against.
    """
    rows = []
    for group in _groups(pairs):
        x, y = group[0]
        settings = x.trial.settings
        if x.outcome.status in BAD or y.outcome.status in BAD:
            row = _broken(x, y)
        elif isinstance(settings, CostSettings):
            row = _cost(x, y, margin, (common or {}).get(_setting(settings)))
        else:
            row = _accuracy(group)
        ids_a, ids_b = zip(*((a.id, b.id) for a, b in group), strict=True)
        rows.append(replace(row, records_a=ids_a, records_b=ids_b, doubts=_doubts(group)))
    return _corrected(rows)


def _doubts(group: list[Pair]) -> str:
    """Marks of either side: a verdict is no better than what it is of."""
    said = []
    for name, records in zip("AB", zip(*group, strict=True), strict=True):
        outcomes = [record.outcome for record in records]
        unconverged = any(outcome.status == Status.UNCONVERGED for outcome in outcomes)
        flags = tuple(sorted({flag for outcome in outcomes for flag in outcome.flags}))
        settings = records[0].trial.settings
        of = outcomes[0].metrics.get(quantity_of(settings.metric).key) if isinstance(settings, CostSettings) else None
        if words := marked(of, Marks(unconverged, flags)):
            said.append(f"{name} {', '.join(words)}")
    return "; ".join(said)


def movements(pairs: Sequence[Pair]) -> dict[str, RatioInterval]:
    """How all models of a setting moved together, where there are enough.

    Only times do; see docs/measuring.md#the-machines-own-movement. Second halves of A/A pairs do not count.
    """
    by_setting: dict[str, list[RatioInterval]] = {}
    for x, y in pairs:
        settings = x.trial.settings
        failed = {x.outcome.status, y.outcome.status} & set(BAD)
        if isinstance(settings, CostSettings) and not settings.replica and not failed and x.id != y.id:
            ratio = ratio_between(x, y)
            if ratio is not None and ratio.of.is_time:
                by_setting.setdefault(_setting(settings), []).append(ratio.interval)
    found = {what: common_movement(ratios) for what, ratios in by_setting.items()}
    return {what: common for what, common in found.items() if common is not None}


def percent(ratio: float) -> str:
    """A ratio as a change."""
    return f"{(ratio - 1) * 100:+.1f}%"


def _groups(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Pairs by row: all seeds of an accuracy are one, all else one each."""
    groups: dict[Hashable, list[Pair]] = {}
    for place, (x, y) in enumerate(pairs):
        trial = x.trial
        cell: Hashable = place
        if isinstance(trial.settings, TransferSettings | PretrainSettings):
            failed = x.outcome.status in BAD or y.outcome.status in BAD
            cell = place if failed else (trial.model, trial.weights, replace(trial.settings, seed=0))
        groups.setdefault(cell, []).append((x, y))
    return list(groups.values())


def _broken(x: Record, y: Record) -> ComparedRow:
    bad_x, bad_y = x.outcome.status in BAD, y.outcome.status in BAD
    word = str(Verdict.SAME) if bad_x and bad_y else MENDED if bad_x else BROKE
    return ComparedRow(x.trial.display_name, _what(x), f"{x.outcome.status} → {y.outcome.status}", word)


def _cost(x: Record, y: Record, margin: float, common: RatioInterval | None) -> ComparedRow:
    ratio = ratio_between(x, y)
    if ratio is None:
        few = "too few rounds for an interval"
        return ComparedRow(x.trial.display_name, _what(x), few, str(Verdict.UNRESOLVED))
    against = common if ratio.of.is_time else None
    judged = ratio.interval if against is None else relative_to(ratio.interval, against)
    change = f"{_interval(ratio.interval)} {ratio.of.label}"
    change += "" if against is None else f", {_interval(judged)} against all"
    word, better = _called(judged, margin, ratio.of)
    return ComparedRow(
        x.trial.display_name,
        _what(x),
        change,
        word,
        f"{RATIO}times" if ratio.of.is_time else f"{RATIO}{ratio.of.label}",
        judged.ratio,
        judged.low,
        judged.high,
        judged.p,
        better,
        ratio.of.label,
    )


def _called(ratio: RatioInterval, margin: float, of: Quantity) -> tuple[str, bool | None]:
    """The verdict in a quantity's words, and whether it is to the better."""
    found = verdict(ratio, margin)
    if found not in (Verdict.FASTER, Verdict.SLOWER):
        return str(found), None
    better = (found == Verdict.FASTER) == (of.better == "lower")
    return of.words[not better], better


def _accuracy(group: list[Pair]) -> ComparedRow:
    x = group[0][0]
    name, what = x.trial.display_name, _what_of_all(group)
    sides = [[_correct(pair[side]) for pair in group] for side in (0, 1)]
    counts = sorted({len(row) for side in sides for row in side})
    if len(counts) > 1:
        return ComparedRow(name, what, f"{' and '.join(map(str, counts))} test images", str(Verdict.UNRESOLVED))
    d = paired_difference(*sides)
    better = True if d.low > 0 else False if d.high < 0 else None
    undecided = Verdict.SAME if d.high - d.low < SAME_WIDTH else Verdict.UNRESOLVED
    word = str(undecided) if better is None else ACCURACY.words[not better]
    change = f"{100 * d.value:+.1f} [{100 * d.low:+.1f}, {100 * d.high:+.1f}] points"
    unit = "difference of fractions"
    return ComparedRow(name, what, change, word, unit, d.value, d.low, d.high, d.p, better, ACCURACY.label)


def _correct(record: Record) -> list[int]:
    """Each test image right or wrong, by the first answer."""
    samples = record.outcome.samples
    return [int(value) for value in samples["top1" if record.trial.kind == "evaluate" else "correct"]]


def _corrected(rows: list[ComparedRow]) -> list[ComparedRow]:
    """Rows with p-values by Holm, less the verdicts that these do not bear."""
    tested = [row for row in rows if row.p is not None]
    adjusted = dict(zip(map(id, tested), holm([row.p for row in tested if row.p is not None]), strict=True))
    found = []
    for row in rows:
        p = adjusted.get(id(row))
        if p is not None and p > ALPHA and row.better is not None:
            found.append(replace(row, verdict=str(Verdict.UNRESOLVED), better=None, p=p))
        else:
            found.append(replace(row, p=p))
    return found


def _what(record: Record) -> str:
    settings = record.trial.settings
    if not isinstance(settings, CostSettings):
        return settings.describe()
    return _setting(settings) + (", A/A twin" if settings.replica else "")


def _what_of_all(group: list[Pair]) -> str:
    """The cell of an accuracy, and over how many seeds."""
    settings = group[0][0].trial.settings
    if isinstance(settings, TransferSettings | PretrainSettings):
        count = f"seed {settings.seed}" if len(group) == 1 else f"{len(group)} seeds"
        return f"{settings.describe_cell()}, {count}"
    return settings.describe()


def _setting(settings: CostSettings) -> str:
    """A setting less the replica."""
    return settings.first_half().describe()


def _interval(ratio: RatioInterval) -> str:
    return f"{percent(ratio.ratio)} [{percent(ratio.low)}, {percent(ratio.high)}]"

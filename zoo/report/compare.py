"""Two runs, or two models, compared: ratios with intervals, a verdict for each row, and one for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.report.noise import ratio_between
from zoo.report.tables import Table
from zoo.results.environment import differences
from zoo.results.results import BAD
from zoo.statistics.comparison import (
    MARGIN,
    Verdict,
    common_movement,
    holm,
    paired_difference,
    relative_to,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.results.record import Record
    from zoo.results.results import Results
    from zoo.statistics.comparison import RatioInterval

SAME_OR_BETTER, REGRESSION, UNRESOLVED = 0, 1, 3
ALPHA = 0.05


@dataclass(frozen=True)
class ComparedRow:
    """One trial that both sides measured, or that one of them could not.

    Attributes
    ----------
    verdict : str
        ``FASTER``, ``SLOWER``, ``SAME``, ``UNRESOLVED`` for times; ``BETTER``, ``WORSE``, ``SAME``,
        ``UNRESOLVED`` for accuracies; ``BROKE`` and ``MENDED`` where only one side has a number.
    """

    name: str
    what: str
    change: str
    verdict: str


@dataclass(frozen=True)
class Comparison:
    """All rows, what only one side has, why there is no verdict where there is none, and how the machine moved."""

    rows: tuple[ComparedRow, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    reason: str = ""
    moved: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 same or better, 1 a regression, 3 unresolved."""
        verdicts = {row.verdict for row in self.rows}
        if self.reason:
            return UNRESOLVED
        if verdicts & {"SLOWER", "WORSE", "BROKE"}:
            return REGRESSION
        return UNRESOLVED if "UNRESOLVED" in verdicts or not self.rows else SAME_OR_BETTER

    def table(self) -> Table:
        """The rows, with what a verdict means in the caption."""
        rows = tuple((row.name, row.what, row.change, row.verdict) for row in self.rows)
        caption = (
            f"Change of B against A [95% interval]. A time is SAME within ±{MARGIN:.0%}, an accuracy where the "
            "interval holds 0 and is under 4 points wide; Holm's correction over the table. "
        )
        caption += " ".join(
            f"Only in {side}: {', '.join(names)}."
            for side, names in (("A", self.only_a), ("B", self.only_b))
            if names
        )
        if self.moved:
            caption += (
                f"All models moved together, as a machine does between runs ({'; '.join(self.moved)}): times are "
                "judged against that; --absolute judges them as they are. "
            )
        return Table(
            "B against A",
            (caption + " " + self.reason).strip(),
            ("model", "trial", "change", "verdict"),
            rows,
        )


def compare(a: Results, b: Results, margin: float = MARGIN, *, absolute: bool = False) -> Comparison:
    """Compare two runs trial by trial.

    Between two runs the machine itself moves, by more than the margin. Where four or more models were timed
    at one setting, each is judged against the median movement of all there, unless ``absolute``.

    Raises
    ------
    ZooError
        Where they share no trial.
    """
    by_key_a = {record.trial.key: record for record in a.records}
    by_key_b = {record.trial.key: record for record in b.records}
    pairs = [(record, by_key_b[key]) for key, record in by_key_a.items() if key in by_key_b]
    if not pairs:
        raise ZooError("the two runs share no trial: models, weights, settings or protocol differ throughout")
    other = sorted({str(d) for x, y in pairs if x.machine != y.machine for d in _machines(x, y)})
    reason = f"No verdict across different machines ({'; '.join(other)})." if other else ""
    common = {} if absolute else _movements(pairs)
    return Comparison(
        rows=_judge(pairs, margin, common),
        moved=tuple(f"{what}: {_percent(ratio.ratio)}" for what, ratio in common.items()),
        only_a=_names(by_key_a, by_key_b),
        only_b=_names(by_key_b, by_key_a),
        reason=reason,
    )


def compare_models(results: Results, a: str, b: str, margin: float = MARGIN) -> Comparison:
    """Compare two models of one run, setting by setting, round by round where they were timed together.

    Raises
    ------
    ZooError
        Where one of them was not measured, or they share no setting.
    """
    sides = [[record for record in results.records if _is(record, name)] for name in (a, b)]
    for name, records in zip((a, b), sides, strict=True):
        if not records:
            raise ZooError(f"{name} was not measured in these records; see `zoo results list`")
    by_setting = [{_setting(record): record for record in records} for records in sides]
    pairs = [(x, by_setting[1][key]) for key, x in by_setting[0].items() if key in by_setting[1]]
    if not pairs:
        raise ZooError(f"{a} and {b} share no setting in these records")
    return Comparison(_judge(pairs, margin), (), ())


def _machines(a: Record, b: Record) -> list[str]:
    return differences(a.environment, b.environment) or [f"machine keys {a.machine} and {b.machine}"]


def _is(record: Record, name: str) -> bool:
    from zoo.registry.catalogue import get
    from zoo.registry.naming import parse_name

    spec, tag = get(name), parse_name(name).tag
    if record.trial.settings.get("replica") or record.trial.kind == "pretrain":
        return False
    return record.trial.model == f"{spec.source}/{spec.architecture}" and tag in (None, record.trial.weights)


def _setting(record: Record) -> str:
    skipped = ("input_size", "replica")
    return str({k: v for k, v in sorted(record.trial.settings.items()) if k not in skipped})


def _names(these: Mapping[str, Record], those: Mapping[str, Record]) -> tuple[str, ...]:
    return tuple(sorted({record.trial.display_name for key, record in these.items() if key not in those}))


def _movements(pairs: list[tuple[Record, Record]]) -> dict[str, RatioInterval]:
    """What the models of each setting have in common, where there are enough of them; replicas do not count."""
    by_setting: dict[str, list[RatioInterval]] = {}
    for x, y in pairs:
        timed = x.trial.kind == "cost" and not {x.outcome.status, y.outcome.status} & set(BAD)
        if timed and x.id != y.id and not x.trial.settings.get("replica"):
            by_setting.setdefault(_what(x), []).append(ratio_between(x, y)[0])
    found = {what: common_movement(ratios) for what, ratios in by_setting.items()}
    return {what: common for what, common in found.items() if common is not None}


def _what(record: Record) -> str:
    """The setting of a cost without the model, its input size and its replica."""
    from zoo.report.notices import describe_trial

    settings = {key: value for key, value in record.trial.settings.items() if key != "replica"}
    extra = [settings[key] for key in ("precision", "memory_format") if settings[key] not in ("fp32", "contiguous")]
    return ", ".join([describe_trial(settings), *extra])


def _judge(
    pairs: list[tuple[Record, Record]], margin: float, common: Mapping[str, RatioInterval] | None = None
) -> tuple[ComparedRow, ...]:
    rows: list[ComparedRow | None] = []
    ratios: list[tuple[int, RatioInterval, Any]] = []
    for index, (x, y) in enumerate(pairs):
        rows.append(None)
        bad_x, bad_y = x.outcome.status in BAD, y.outcome.status in BAD
        if bad_x or bad_y:
            word = "SAME" if bad_x and bad_y else "MENDED" if bad_x else "BROKE"
            rows[index] = _row(x, f"{x.outcome.status} → {y.outcome.status}", word)
        elif x.trial.kind == "cost":
            ratio, _ = ratio_between(x, y)
            ratios.append((index, ratio, x))
        else:
            rows[index] = _accuracy_row(x, y)
    shared = {index: (common or {}).get(_what(record)) for index, _, record in ratios}
    judged = {
        index: ratio if (beside := shared[index]) is None else relative_to(ratio, beside)
        for index, ratio, _ in ratios
    }
    adjusted = holm([judged[index].p for index, _, _ in ratios])
    for (index, ratio, record), p in zip(ratios, adjusted, strict=True):
        word = verdict(judged[index], margin)
        if word in (Verdict.FASTER, Verdict.SLOWER) and p > ALPHA:
            word = Verdict.UNRESOLVED
        change = f"{_interval(ratio)} time"
        change += "" if shared[index] is None else f", {_interval(judged[index])} against all"
        rows[index] = _row(record, change, str(word))
    return tuple(row for row in rows if row is not None)


def _accuracy_row(x: Record, y: Record) -> ComparedRow:
    a, b = x.outcome.samples["correct"], y.outcome.samples["correct"]
    if len(a) != len(b):
        return _row(x, f"{len(a)} and {len(b)} test images", "UNRESOLVED")
    d = paired_difference([[int(v) for v in a]], [[int(v) for v in b]])
    assert d.low is not None
    assert d.high is not None
    if d.low > 0:
        word = "BETTER"
    elif d.high < 0:
        word = "WORSE"
    else:
        word = "SAME" if d.high - d.low < 0.04 else "UNRESOLVED"
    return _row(x, f"{100 * d.value:+.1f} [{100 * d.low:+.1f}, {100 * d.high:+.1f}] points", word)


def _row(record: Record, change: str, word: str) -> ComparedRow:
    from zoo.report.notices import describe_trial

    return ComparedRow(record.trial.display_name, describe_trial(record.trial.settings), change, word)


def _interval(ratio: RatioInterval) -> str:
    return f"{_percent(ratio.ratio)} [{_percent(ratio.low)}, {_percent(ratio.high)}]"


def _percent(ratio: float) -> str:
    return f"{(ratio - 1) * 100:+.1f}%"

"""Sentences and rows of a comparison, held against the records of both sides."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

from scipy import stats

from tests.report.facts import difference_ends
from tests.report.sentences import UntrueError, hold
from zoo.compare.compare import Comparison
from zoo.machine.fingerprint import Machine
from zoo.outcome import Status
from zoo.results.record import Record
from zoo.results.view import Results

NUM = r"[-+]\d+\.\d"
BAD = (Status.FAILED, Status.OOM, Status.TIMEOUT)

Pair = tuple[Record, Record]


def read_comparison(comparison: Comparison, a: Results, b: Results) -> None:
    """Read the caption and each row."""
    sides = [{r.trial.key: r for r in side.records if r.trial.kind != "published"} for side in (a, b)]
    pairs = [(record, sides[1][key]) for key, record in sides[0].items() if key in sides[1]]
    table = comparison.table()
    rest = table.caption
    while rest:
        for pattern, check in CAPTIONS:
            if found := re.match(pattern, rest):
                hold(check(found, pairs, sides, table.rows), found.group())
                rest = rest[found.end() :].strip()
                break
        else:
            raise UntrueError(f"not a known sentence: {rest[:160]!r}")
    groups = _groups(pairs)
    hold(len(table.rows) == len(groups), f"{len(table.rows)} rows of {len(groups)} groups")
    hold(("Doubtful: " in table.caption) == any(map(_marks, groups)), "marks are said where there are some")
    p_values = {id(group): _p(group, groups, table.caption) for group in groups}
    known = sorted(p for p in p_values.values() if p is not None)
    for row, group in zip(table.rows, groups, strict=True):
        p = p_values[id(group)]
        _row(row, group, groups, table.caption, None if p is None else _holm(p, known))


def _holm(p: float, known: Sequence[float]) -> float:
    """The p-value, adjusted for all that are no larger (Holm)."""
    place = sum(other < p for other in known)
    return max((len(known) - i) * known[i] for i in range(place + 1))


def _elsewhere(pairs: Sequence[Pair]) -> bool:
    return any(x.environment.cpu != y.environment.cpu for x, y in pairs)


def _libraries(machine: Machine) -> dict[str, str]:
    return dict(machine.libraries or {})


def _names(here: dict[str, Record], there: dict[str, Record]) -> str:
    return ", ".join(sorted({record.trial.display_name for key, record in here.items() if key not in there}))


def _all_of(m: re.Match[str], pairs: Sequence[Pair], sides: Any, rows: Any) -> bool:
    del sides
    return all(
        _percent(told)
        == _shown(_movement([pair for pair in pairs if pair[0].trial.kind == "cost" and _what(pair[0]) == what]))
        for what, told in re.findall(r"([\w ,]+?): ([-+][\d.]+%)", m[1].replace("; ", ";").replace(";", "\n"))
    ) and bool(rows)


def _percent(text: str) -> str:
    return text


def _shown(movement: float | None) -> str:
    return "" if movement is None else f"{100 * (movement - 1):+.1f}%"


def _marks(group: Sequence[Pair]) -> str:
    """What makes either side doubtful, in words."""
    said = []
    for letter, records in zip("AB", zip(*group, strict=True), strict=True):
        words = []
        if any(record.outcome.status == Status.UNCONVERGED for record in records):
            key = {"latency": "latency_ms", "throughput": "throughput"}.get(
                getattr(records[0].trial.settings, "metric", ""), ""
            )
            value = records[0].outcome.metrics.get(key)
            if value is not None and value.low is not None and value.high is not None:
                words.append(f"±{(value.high - value.low) / 2 / value.value:.0%}")
            words.append("unconverged")
        flags = sorted({flag for record in records for flag in record.outcome.flags})
        words += [f"flagged: {', '.join(flags)}"] if flags else []
        said += [f"{letter} {', '.join(words)}"] if words else []
    return "; ".join(said)


def _doubtful(m: re.Match[str], pairs: Sequence[Pair], sides: Any, rows: Any) -> bool:
    del sides
    marked = [(row, _marks(group)) for row, group in zip(rows, _groups(pairs), strict=True)]
    return m[1] == "; ".join(f"{row[0]}, {row[1]} ({marks})" for row, marks in marked if marks)


CAPTIONS: list[tuple[str, Any]] = [
    (r"Doubtful: (.+)\.$", _doubtful),
    (r"Change of B against A \[95% interval\]\.", lambda m, pairs, sides, rows: bool(rows)),
    (
        (r"A time is SAME within ±2%, an accuracy where the interval holds 0 and is under 4 points wide; Holm's "
        r"correction over the table\."),
        lambda m, pairs, sides, rows: not _elsewhere(pairs) and "n/a" not in {row[3] for row in rows},
    ),
    (
        r"No verdict across different machines \(cpu: (.+?) and Another CPU\)\.",
        lambda m, pairs, sides, rows: _elsewhere(pairs) and {row[3] for row in rows} == {"n/a"},
    ),
    (r"Trials only in A are of ([^;]+?)\.(?= |$)", lambda m, pairs, sides, rows: m[1] == _names(*sides)),
    (r"Trials only in B are of ([^;]+?)\.(?= |$)", lambda m, pairs, sides, rows: m[1] == _names(*sides[::-1])),
    (
        r"Between A and B changed: torch 2\.15\.0 → 2\.16\.0\.",
        lambda m, pairs, sides, rows: any(_libraries(x.environment) != _libraries(y.environment) for x, y in pairs),
    ),
    (
        (r"What the models of a setting have in common is taken for the machine's own movement between runs "
        r"\((.+?)\): times are judged against that; `zoo compare --absolute` judges them as they are\."),
        _all_of,
    ),
    (
        r"What changed may have moved all of them, too\.",
        lambda m, pairs, sides, rows: any(_libraries(x.environment) != _libraries(y.environment) for x, y in pairs),
    ),
]  # fmt: skip


def _what(record: Record) -> str:
    s = record.trial.cost
    parts = [f"{s.metric}, {s.device}, batch {s.batch}, {s.threads} thread{'s' * (s.threads != 1)}"]
    parts += [s.precision] if s.precision != "fp32" else []
    parts += [s.memory_format] if s.memory_format != "contiguous" else []
    return ", ".join([*parts, *(["trained form"] if s.form == "trained" else [])])


def _groups(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Seeds of one regime together, where they succeeded on both sides."""
    found: dict[Any, list[Pair]] = {}
    for place, (x, y) in enumerate(pairs):
        good = not {x.outcome.status, y.outcome.status} & set(BAD)
        key: Any = place
        if x.trial.kind in ("transfer", "pretrain") and good:
            s: Any = x.trial.settings
            way = (
                getattr(s, "strategy", ""),
                getattr(s, "shots", ""),
                getattr(s, "probe", ""),
                getattr(s, "recipe", ""),
            )
            key = x.trial.kind, x.trial.model, x.trial.weights, s.task_digest, *way
        found.setdefault(key, []).append((x, y))
    return list(found.values())


def _rounds(pair: Pair) -> tuple[list[float], list[float]]:
    a, b = (record.outcome.samples.get("round_medians_ms", []) for record in pair)
    return a, b


def _ratio(pair: Pair) -> tuple[float, float, float, float] | None:
    """Ratio of times by Welch's t on their logarithms, its ends and p-value."""
    a, b = _rounds(pair)
    if min(len(a), len(b)) < 2:
        return None
    logs = [[math.log(value) for value in side] for side in (b, a)]
    found = stats.ttest_ind(*logs, equal_var=False)
    ends = found.confidence_interval(0.95)
    return math.exp(fmean(logs[0]) - fmean(logs[1])), math.exp(ends.low), math.exp(ends.high), float(found.pvalue)


def _movement(pairs: Sequence[Pair]) -> float | None:
    """Median ratio of four models or more of one setting."""
    ratios = [found[0] for pair in pairs if _moves(pair) and (found := _ratio(pair))]
    return math.exp(median(map(math.log, ratios))) if len(ratios) >= 4 else None


def _moves(pair: Pair) -> bool:
    x, y = pair
    return x.trial.kind == "cost" and not x.trial.cost.replica and not {x.outcome.status, y.outcome.status} & set(BAD)


def _against(group: list[Pair], groups: list[list[Pair]]) -> float | None:
    """What a cost is judged against: the movement of its setting."""
    if group[0][0].trial.kind != "cost":
        return None
    what = _what(group[0][0])
    return _movement([one[0] for one in groups if one[0][0].trial.kind == "cost" and _what(one[0][0]) == what])


def _right(record: Record) -> list[int]:
    return [int(value) for value in record.outcome.samples["top1" if record.trial.kind == "evaluate" else "correct"]]


def _p(group: list[Pair], groups: list[list[Pair]], caption: str) -> float | None:
    """The p-value of a row before Holm; None where there is none or it is judged against all, by another formula."""
    x, y = group[0]
    if {x.outcome.status, y.outcome.status} & set(BAD):
        return None
    if x.trial.kind == "cost":
        found = _ratio(group[0])
        if found is None:
            return None
        movement = None if "No verdict" in caption else _against(group, groups)
        if movement is None:
            return found[3]
        half = math.hypot(_half(found), _half_of_all(group, groups))
        return math.erfc(abs(math.log(found[0] / movement)) / max(half / 1.96, 1e-12) / math.sqrt(2))
    return difference_ends([_right(a) for a, _ in group], [_right(b) for _, b in group])[3]


def _half(ratio: tuple[float, float, float, float]) -> float:
    return (math.log(ratio[2]) - math.log(ratio[1])) / 2


def _half_of_all(group: list[Pair], groups: list[list[Pair]]) -> float:
    """Half the interval of the median movement, of normal values (docs/measuring.md)."""
    what = _what(group[0][0])
    alike = [
        one[0] for one in groups if one[0][0].trial.kind == "cost" and _what(one[0][0]) == what and _moves(one[0])
    ]
    ratios = [found for pair in alike if (found := _ratio(pair))]
    logs = [math.log(found[0]) for found in ratios]
    spread = 1.4826 * median([abs(value - median(logs)) for value in logs])
    within = median([_half(found) for found in ratios]) / 1.96
    return 1.96 * 1.2533 * max(spread, within) / math.sqrt(len(logs))


def _near(shown: str, true: float) -> bool:
    return abs(float(shown) - true) <= 0.0501 + 1e-9


def _row(row: Any, group: list[Pair], groups: list[list[Pair]], caption: str, p: float | None) -> None:
    name, what, change, verdict = row
    x, y = group[0]
    hold(name == x.trial.display_name, f"{name} {what}")
    told = f"{name}, {what}: {change}, {verdict}"
    silent = "No verdict" in caption
    bad = [record.outcome.status in BAD for record in (x, y)]
    if any(bad):
        hold(change == f"{x.outcome.status} → {y.outcome.status}", told)
        word = "SAME" if all(bad) else "MENDED" if bad[0] else "BROKE"
        hold(verdict == ("n/a" if silent else word), told)
        return
    if x.trial.kind == "cost":
        found = _ratio(group[0])
        if found is None:
            hold(change == "too few rounds for an interval" and verdict in ("UNRESOLVED", "n/a"), told)
            return
        movement = None if silent else _against(group, groups)
        m = re.fullmatch(
            rf"({NUM})% \[({NUM})%, ({NUM})%\] time(?:, ({NUM})% \[({NUM})%, ({NUM})%\] against all)?", change
        )
        hold(bool(m), told)
        assert m is not None
        hold(all(_near(m[i + 1], 100 * (found[i] - 1)) for i in range(3)), f"{told}: {found}")
        hold((movement is None) == (m[4] is None), told)
        low, high = found[1:3]
        if movement is not None:
            half = math.hypot(_half(found), _half_of_all(group, groups))
            centre = math.log(found[0] / movement)
            low, high = math.exp(centre - half), math.exp(centre + half)
            ends = (math.exp(centre), low, high)
            hold(all(_near(m[i + 4], 100 * (ends[i] - 1)) for i in range(3)), f"{told}: {ends}")
        word = "FASTER" if high < 0.98 else "SLOWER" if low > 1.02 else "UNRESOLVED"
        word = "SAME" if low >= 0.98 and high <= 1.02 else word
    else:
        mean, low, high, _ = difference_ends([_right(a) for a, _ in group], [_right(b) for _, b in group])
        m = re.fullmatch(rf"({NUM}) \[({NUM}), ({NUM})\] points", change)
        hold(bool(m) and all(_near(m[i + 1], 100 * end) for i, end in enumerate((mean, low, high))), told)  # type: ignore[index]
        word = "BETTER" if low > 0 else "WORSE" if high < 0 else "SAME" if high - low < 0.04 else "UNRESOLVED"
        counted = re.search(r", (\d+) seeds$", what)
        hold(int(counted[1]) == len(group) if counted else len(group) == 1, told)
    if p is not None and p > 0.05 and word in ("FASTER", "SLOWER", "BETTER", "WORSE"):
        word = "UNRESOLVED"
    hold(verdict == ("n/a" if silent else word), f"{told}, where it is {word} (p {p})")

"""Two runs, or two models, compared: what pairs up, whether it may be judged, and one verdict for all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.compare.judging import ComparedRow, judge, movements, percent
from zoo.errors import ZooError
from zoo.machine.differences import hardware_differences, software_differences
from zoo.report.table import Table
from zoo.statistics.comparison import MARGIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.results.record import Record
    from zoo.results.view import Results


SAME_OR_BETTER, REGRESSION, UNRESOLVED = 0, 1, 3
NO_VERDICT = "n/a"


@dataclass(frozen=True)
class Comparison:
    """All rows, and what has to be known to read them.

    Attributes
    ----------
    rows : tuple of ComparedRow
    only_a, only_b : tuple of str
        What only one side has.
    reason : str
        Why there is no verdict, where there is none.
    moved : tuple of str
        How all models of a setting moved together, where times are judged against that.
    changed : tuple of str
        Python and libraries that differ between the sides.
    """

    rows: tuple[ComparedRow, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    reason: str = ""
    moved: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

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
        if self.changed:
            caption += f"Between A and B changed: {'; '.join(self.changed)}. "
        if self.moved:
            caption += (
                f"All models moved together, as a machine does between runs ({'; '.join(self.moved)}): times are "
                "judged against that; --absolute judges them as they are. "
            ) + ("What changed may have moved all of them, too. " if self.changed else "")
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
    by_key_a = {record.trial.key: record for record in a.records if record.trial.kind != "published"}
    by_key_b = {record.trial.key: record for record in b.records if record.trial.kind != "published"}
    pairs = [(record, by_key_b[key]) for key, record in by_key_a.items() if key in by_key_b]
    if not pairs:
        raise ZooError("the two runs share no trial: models, weights, settings or protocol differ throughout")
    reason = _other_machine(pairs)
    common = {} if absolute else movements(pairs)
    rows = judge(pairs, margin, common)
    return Comparison(
        rows=tuple(replace(row, verdict=NO_VERDICT) if reason else row for row in rows),
        moved=tuple(f"{what}: {percent(ratio.ratio)}" for what, ratio in common.items()),
        only_a=_names(by_key_a, by_key_b),
        only_b=_names(by_key_b, by_key_a),
        reason=reason,
        changed=tuple(sorted({d for x, y in pairs for d in software_differences(x.environment, y.environment)})),
    )


def compare_models(results: Results, a: str, b: str, margin: float = MARGIN) -> Comparison:
    """Compare two models of one machine, setting by setting, round by round where they were timed together.

    Raises
    ------
    ZooError
        Where one of them was not measured, they share no setting, or records are of more than one machine.
    """
    machines = sorted({record.machine for record in results.records if record.trial.kind != "published"})
    if len(machines) > 1:
        raise ZooError(
            f"these records are of {len(machines)} machines ({', '.join(machines)}); name one with --machine"
        )
    sides = [[record for record in results.records if _is(record, name)] for name in (a, b)]
    for name, records in zip((a, b), sides, strict=True):
        if not records:
            raise ZooError(f"{name} was not measured in these records; see `zoo results list`")
    by_setting = [{_setting(record): record for record in records} for records in sides]
    pairs = [(x, by_setting[1][key]) for key, x in by_setting[0].items() if key in by_setting[1]]
    if not pairs:
        raise ZooError(f"{a} and {b} share no setting in these records")
    return Comparison(tuple(judge(pairs, margin)), (), ())


def _other_machine(pairs: list[tuple[Record, Record]]) -> str:
    """Why there is no verdict; empty where both sides are of one machine, whatever was installed on it."""
    other = sorted({d for x, y in pairs for d in hardware_differences(x.environment, y.environment)})
    unknown = sorted(
        f"machine keys {x.machine} and {y.machine}"
        for x, y in pairs
        if x.machine != y.machine and not software_differences(x.environment, y.environment)
    )
    found = other or unknown[:1]
    return f"No verdict across different machines ({'; '.join(found)})." if found else ""


def _is(record: Record, name: str) -> bool:
    from zoo.registry.catalogue import get
    from zoo.registry.naming import parse_name

    spec, tag = get(name), parse_name(name).tag
    if record.trial.settings.get("replica") or record.trial.kind in ("pretrain", "published"):
        return False
    return record.trial.model == f"{spec.source}/{spec.architecture}" and tag in (None, record.trial.weights)


def _setting(record: Record) -> str:
    skipped = ("input_size", "replica", "code")
    return str({k: v for k, v in sorted(record.trial.settings.items()) if k not in skipped})


def _names(these: Mapping[str, Record], those: Mapping[str, Record]) -> tuple[str, ...]:
    return tuple(sorted({record.trial.display_name for key, record in these.items() if key not in those}))

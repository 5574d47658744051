"""Two runs, or two models, compared: pairs, rows and one verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from zoo.canonical import canonical_text
from zoo.checks import flag, number, text
from zoo.compare.judging import BROKE, RATIO, ComparedRow, judge, movements, percent
from zoo.cost.settings import CostSettings
from zoo.errors import ZooError
from zoo.formats.table import Table
from zoo.machine.differences import hardware_differences, software_differences
from zoo.registry.catalogue import get
from zoo.results.view import check_results
from zoo.sources.naming import parse_name
from zoo.statistics.comparison import MARGIN, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.canonical import JsonObject
    from zoo.results.record import Record
    from zoo.results.view import Results


SAME_OR_BETTER, REGRESSION, UNRESOLVED = 0, 1, 3
NO_VERDICT = "n/a"

NOT_JUDGED = ("published", "search")
"""Kinds of trials of two runs that are not held against each other: stated by others, and tried on few images."""

NOT_MEASURED = ("pretrain", *NOT_JUDGED)
"""Kinds of trials that make or state something of a model, or try it, rather than measure it."""

OF_A_MODEL = ("input_size", "replica", "code")
"""Settings in which two models differ by themselves."""


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
        What the models of a setting have in common, where times are judged against that.
    changed : tuple of str
        Python and libraries that differ between the sides.
    margin : float
        Relative change of a cost that is called the same.
    about : tuple of str
        Sentences on what the sides are.
    """

    rows: tuple[ComparedRow, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    reason: str = ""
    moved: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    margin: float = MARGIN
    about: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 same or better, 1 a regression, 3 unresolved."""
        if self.reason:
            return UNRESOLVED
        if any(row.better is False or row.verdict == BROKE for row in self.rows):
            return REGRESSION
        undecided = not self.rows or any(row.verdict == Verdict.UNRESOLVED for row in self.rows)
        return UNRESOLVED if undecided else SAME_OR_BETTER

    def to_dict(self) -> JsonObject:
        """Plain values for JSON, the exit code last."""
        found = asdict(self)
        for row in found["rows"]:
            del row["better"], row["label"]  # said by the verdict and the unit
        return found | {"exit_code": self.exit_code}

    def table(self) -> Table:
        """The rows, with what a verdict means in the caption."""
        rows = tuple((row.name, row.what, row.change, row.verdict) for row in self.rows)
        costs = dict.fromkeys(["time", *(row.label for row in self.rows if row.unit.startswith(RATIO))])
        said = ["Change of B against A [95% interval].", *self.about]
        if self.reason:
            said.append(self.reason)
        else:
            said.append(
                f"A {' or '.join(costs)} is SAME within ±{100 * self.margin:g}%, an accuracy where the interval "
                "holds 0 and is under 4 points wide; Holm's correction over the table."
            )
        sides = (("A", self.only_a), ("B", self.only_b))
        said += [f"Trials only in {side} are of {', '.join(names)}." for side, names in sides if names]
        said += [f"Between A and B changed: {'; '.join(self.changed)}."] if self.changed else []
        if self.moved:
            said.append(
                "What the models of a setting have in common is taken for the machine's own movement between runs "
                f"({'; '.join(self.moved)}): times are judged against that; `zoo compare --absolute` judges them "
                "as they are."
            )
            said += ["What changed may have moved all of them, too."] if self.changed else []
        doubtful = [f"{row.name}, {row.what} ({row.doubts})" for row in self.rows if row.doubts]
        said += [f"Doubtful: {'; '.join(doubtful)}."] if doubtful else []
        headers = ("model", "trial", "change", "verdict")
        return Table("B against A", " ".join(said), headers, rows, data=tuple(self.to_dict()["rows"]))


def compare(a: Results, b: Results, margin: float = MARGIN, *, absolute: bool = False) -> Comparison:
    """Compare two runs trial by trial.

    Between two runs the machine itself moves, by more than the margin. Where four or more models were timed
    at one setting, each is judged against the median movement of all there, unless ``absolute``.

    Raises
    ------
    ZooError
        Where they share no trial.
    """
    check_results(a, "a")
    check_results(b, "b")
    number(margin, "", "margin")
    flag(absolute, "", "absolute")
    by_key_a = {record.trial.key: record for record in a.records if record.trial.kind not in NOT_JUDGED}
    by_key_b = {record.trial.key: record for record in b.records if record.trial.kind not in NOT_JUDGED}
    pairs = [(record, by_key_b[key]) for key, record in by_key_a.items() if key in by_key_b]
    if not pairs:
        raise ZooError("the two runs share no trial: models, weights, settings or protocol differ throughout")
    reason = _other_machine(pairs)
    common = {} if absolute or reason else movements(pairs)
    rows = judge(pairs, margin, common)
    return Comparison(
        rows=tuple(replace(row, verdict=NO_VERDICT, better=None) if reason else row for row in rows),
        moved=tuple(f"{what}: {percent(ratio.ratio)}" for what, ratio in common.items()),
        only_a=_names(by_key_a, by_key_b),
        only_b=_names(by_key_b, by_key_a),
        reason=reason,
        changed=tuple(sorted({d for x, y in pairs for d in software_differences(x.environment, y.environment)})),
        margin=margin,
    )


def compare_models(results: Results, a: str, b: str, margin: float = MARGIN) -> Comparison:
    """Compare two models of one machine, setting by setting.

    Where both were measured in the same rounds, they are compared round by round.

    Raises
    ------
    ZooError
        Where one of them was not measured, they share no setting, or records are of more than one machine.
    """
    check_results(results, "results")
    number(margin, "", "margin")
    names = [text(name, "", key) for key, name in (("a", a), ("b", b))]
    results.check_one_machine()
    sides = [_records_of(results, name) for name in names]
    for name, records in zip((a, b), sides, strict=True):
        if not records:
            raise ZooError(f"{name} was not measured in these records; see `zoo results list`")
    by_setting = [{_setting(record): record for record in records} for records in sides]
    pairs = [(x, by_setting[1][key]) for key, x in by_setting[0].items() if key in by_setting[1]]
    if not pairs:
        raise ZooError(f"{a} and {b} share no setting in these records")
    return Comparison(tuple(judge(pairs, margin)), (), (), margin=margin)


def _other_machine(pairs: list[tuple[Record, Record]]) -> str:
    """Why there is no verdict between machines.

    Empty where both sides are of one machine, whatever was installed on it.
    """
    other = sorted({d for x, y in pairs for d in hardware_differences(x.environment, y.environment)})
    unknown = sorted(
        f"machine keys {x.machine} and {y.machine}"
        for x, y in pairs
        if x.machine != y.machine and not software_differences(x.environment, y.environment)
    )
    found = other or unknown[:1]
    return f"No verdict across different machines ({'; '.join(found)})." if found else ""


def _records_of(results: Results, name: str) -> list[Record]:
    """What was measured of a model, less the second halves of A/A pairs."""
    spec, tag = get(name), parse_name(name).tag
    found = [r for r in results.records if r.trial.model == spec.model and tag in (None, r.trial.weights)]
    return [r for r in found if r.trial.kind not in NOT_MEASURED and not is_replica(r)]


def is_replica(record: Record) -> bool:
    """Whether it is the second half of an A/A pair."""
    settings = record.trial.settings
    return isinstance(settings, CostSettings) and bool(settings.replica)


def _setting(record: Record) -> str:
    """What two models must have in common, as text."""
    settings = record.trial.settings.to_dict()
    return canonical_text({key: value for key, value in settings.items() if key not in OF_A_MODEL})


def _names(these: Mapping[str, Record], those: Mapping[str, Record]) -> tuple[str, ...]:
    return tuple(sorted({record.trial.display_name for key, record in these.items() if key not in those}))

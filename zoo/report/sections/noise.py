"""The section of the noise floor and of flags."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.cohorts.groups import ANCHOR, ANCHOR_SIDE, anchor_note
from zoo.cost.settings import allocator_text, form_text
from zoo.formats.blocks import Text
from zoo.report.sections.base import Section
from zoo.report.sections.flags import flags_table
from zoo.results.ratio import ratio_between
from zoo.statistics.intervals import movement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zoo.canonical import JsonObject
    from zoo.cost.settings import CostSettings
    from zoo.formats.blocks import Block
    from zoo.formats.table import Table
    from zoo.report.sections.base import Context
    from zoo.results.ratio import RoundRatio
    from zoo.results.rows import CostRow
    from zoo.results.view import Results
    from zoo.statistics.comparison import RatioInterval


@dataclass(frozen=True)
class NoiseFloor:
    """An A/A pair at one setting.

    Attributes
    ----------
    model, setting : str
    ratio : RatioInterval
        Twin over first; its interval should hold 1.
    paired : bool
        Whether the two were timed in the same rounds.
    """

    model: str
    setting: str
    ratio: RatioInterval
    paired: bool

    def to_dict(self) -> JsonObject:
        """Plain values for JSON, the ratio of times with its 95% interval."""
        r = self.ratio
        return {
            "model": self.model,
            "setting": self.setting,
            "ratio": r.ratio,
            "low": r.low,
            "high": r.high,
            "rounds": r.n,
            "paired": self.paired,
        }

    def to_text(self) -> str:
        """One line of Markdown."""
        r = self.ratio
        verdict = "holds 1" if r.low <= 1 <= r.high else "does **not** hold 1"
        how = f"{r.n} rounds in common" if self.paired else "timed in different cohorts"
        return (
            f"{self.model}, {self.setting}: {(r.ratio - 1) * 100:+.2f}% "
            f"[{(r.low - 1) * 100:+.2f}, {(r.high - 1) * 100:+.2f}] ({how}; the interval {verdict})"
        )


def noise_floors(results: Results) -> list[NoiseFloor]:
    """Each A/A pair that an interval can be stated of, in order."""
    return [
        NoiseFloor(twin.model, _setting(twin.settings), ratio.interval, ratio.paired)
        for twin, ratio in _pairs(results)
        if ratio is not None
    ]


def _pairs(results: Results) -> Iterator[tuple[CostRow, RoundRatio | None]]:
    """Second halves of A/A pairs, and what each is over its first."""
    rows = [row for row in results.cost_rows(replicas=True) if row.value is not None]
    first_of = {(row.machine, row.model, row.settings): row for row in reversed(rows) if not row.settings.replica}
    for twin in (row for row in rows if row.settings.replica):
        first = first_of.get((twin.machine, twin.model, twin.settings.first_half()))
        if first is not None:
            yield twin, ratio_between(first.record, twin.record)


def _setting(settings: CostSettings) -> str:
    parts = [f"{settings.metric} on {settings.device}{settings.threads_text}, batch {settings.batch}"]
    parts += [settings.engine] if settings.engine != "eager" else []
    return ", ".join([*parts, *form_text(settings.form), *allocator_text(settings.allocator)])


def _build(context: Context) -> list[Block]:
    floors = noise_floors(context.results)
    rows = context.results.cost_rows(replicas=True)
    twins = [row for row in rows if row.settings.replica]
    blocks: list[Block] = []
    if floors:
        lines = tuple(floor.to_text() for floor in floors)
        blocks = [Text(("Two identical models (A/A), second over first:",)), Text(lines, listed=True)]
    if not twins:
        blocks.append(Text(("No A/A pair was measured.",)))
    elif without := len(twins) - len(floors):
        pairs = "pair has" if without == 1 else "pairs have"
        blocks.append(
            Text((f"{without} A/A {pairs} no ratio: a half is missing, or was timed for one round alone.",))
        )
    return [*blocks, *_movement(rows), flags_table(context.results) or Text(("No flags.",))]


def _movement(rows: Iterable[CostRow]) -> list[Text]:
    """What the anchor took from cohort to cohort, at each setting of several."""
    found: dict[tuple[str, CostSettings], dict[str, float]] = {}
    for row in rows:
        notes = row.record.outcome.notes
        anchor, side = notes.get(anchor_note("ms")), notes.get(ANCHOR_SIDE)
        value = anchor.get("value") if isinstance(anchor, dict) else None
        if isinstance(value, int | float) and value > 0 and isinstance(side, int) and notes.get("cohort") is not None:
            alike = replace(row.settings.first_half(), input_size=(3, side, side), code="")
            found.setdefault((row.machine, alike), {})[str(notes["cohort"])] = value
    lines = [
        f"{_setting(settings)}, {settings.side} px: {min(times.values()):.4g} to {max(times.values()):.4g} ms in "
        f"{len(times)} cohorts, {max(times.values()) / min(times.values()) - 1:.1%} apart{_beside([*times.values()])}"
        for (_, settings), times in found.items()
        if len(times) > 1
    ]
    if not lines:
        return []
    said = f"The machine moved between cohorts, by {ANCHOR} in each; an interval is of its own cohort's rounds:"
    return [Text((said,)), Text(tuple(lines), listed=True)]


def _beside(anchor_ms: list[float]) -> str:
    """By what a time may be off, beside its own interval; empty where the cohorts are too few to tell."""
    if (moved := movement(anchor_ms)) is None:
        return ""
    return f"; one cohort's times may lie {math.expm1(moved):.1%} off those of many, beside their intervals"


def _printed(results: Results) -> list[Table]:
    table = flags_table(results)
    return [] if table is None else [table]


NOISE = Section("noise", "Noise floor and flags", _build, _printed)

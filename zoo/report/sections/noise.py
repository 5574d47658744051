"""The section of the noise floor: what the harness says of two identical models, and what was flagged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.report.blocks import Text
from zoo.report.sections.base import Section
from zoo.report.sections.flags import flags_table
from zoo.results.ratio import ratio_between
from zoo.results.trial import threads_text

if TYPE_CHECKING:
    from zoo.report.blocks import Block
    from zoo.report.sections.base import Context
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
    """Each A/A pair that was measured, in order."""
    rows = results.cost_rows(replicas=True)
    floors = []
    for twin in rows:
        if not twin.settings.get("replica") or twin.value is None:
            continue
        wanted = {k: v for k, v in twin.settings.items() if k != "replica"}
        for first in rows:
            same = {k: v for k, v in first.settings.items() if k != "replica"} == wanted
            if same and first.model == twin.model and not first.settings.get("replica") and first.value:
                ratio, paired = ratio_between(first.record, twin.record)
                floors.append(NoiseFloor(twin.model, _setting(wanted), ratio, paired))
                break
    return floors


def _setting(settings: Any) -> str:
    return f"{settings['metric']} on {settings['device']}{threads_text(settings)}, batch {settings['batch']}"


def _build(context: Context) -> list[Block]:
    floors = noise_floors(context.results)
    blocks: list[Block] = [Text(("No A/A pair was measured.",))]
    if floors:
        lines = tuple(floor.to_text() for floor in floors)
        blocks = [
            Text(("Two identical models in the same cohort (A/A), second over first:",)),
            Text(lines, listed=True),
        ]
    return [*blocks, flags_table(context.results) or Text(("No flags.",))]


NOISE = Section("noise", "Noise floor and flags", _build)

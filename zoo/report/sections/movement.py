"""How far the machine moved while it was measured, by the anchor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.cohorts.groups import ANCHOR
from zoo.formats.blocks import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from zoo.cost.settings import CostSettings
    from zoo.results.view import Results

TIME, SIDE = "anchor_ms", "anchor_px"
"""Notes of a record: the anchor's time in its cohort, and the side of its images."""


def movement(results: Results, shown: Callable[[CostSettings], str]) -> list[Text]:
    """What the anchor took from cohort to cohort, at each setting of several."""
    found: dict[tuple[str, CostSettings], dict[str, float]] = {}
    for row in results.cost_rows(replicas=True):
        notes = row.record.outcome.notes
        anchor, side = notes.get(TIME), notes.get(SIDE)
        value = anchor.get("value") if isinstance(anchor, dict) else None
        if isinstance(value, int | float) and value > 0 and isinstance(side, int) and notes.get("cohort") is not None:
            alike = replace(row.settings.first_half(), input_size=(3, side, side), code="")
            found.setdefault((row.machine, alike), {})[str(notes["cohort"])] = value
    lines = [
        f"{shown(settings)}, {settings.side} px: {min(times.values()):.4g} to {max(times.values()):.4g} ms in "
        f"{len(times)} cohorts, {max(times.values()) / min(times.values()) - 1:.1%} apart"
        for (_, settings), times in found.items()
        if len(times) > 1
    ]
    if not lines:
        return []
    said = f"The machine moved between cohorts, by {ANCHOR} in each; an interval is of its own cohort's rounds:"
    return [Text((said,)), Text(tuple(lines), listed=True)]

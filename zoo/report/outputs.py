"""How far outputs are from those in fp32, as cells and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.cost.metrics.base import AGREEMENT, DIFFERENCE
from zoo.report.numbers import MISSING, with_interval

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.results.rows import CostRow
    from zoo.statistics.measurement import Measurement


OFF = "difference ↓"
"""Column of the largest difference of an output from that of the model as built in fp32, over the largest."""

SAME = f"{AGREEMENT.label}, {AGREEMENT.header}"
"""Column of the share of real images whose first class is that of the model as built in fp32."""


def difference(row: CostRow) -> Measurement | None:
    """How far outputs are from those of the model as built in fp32."""
    return row.record.outcome.metrics.get(DIFFERENCE.key)


def agreement(row: CostRow) -> Measurement | None:
    """On how many real images the first class is that in fp32."""
    return row.record.outcome.metrics.get(AGREEMENT.key)


def gap_text(rows: Iterable[CostRow]) -> str:
    """The largest difference of some rows' outputs."""
    gaps = [gap.value for row in rows if (gap := difference(row)) is not None]
    return f"{max(gaps):.1g}" if gaps else MISSING


def same_text(rows: Iterable[CostRow]) -> str:
    """The least share of equal first classes of some rows."""
    shares = [found for row in rows if (found := agreement(row)) is not None]
    return with_interval(min(shares, key=lambda found: found.value, default=None), AGREEMENT)


def images_said(rows: Iterable[CostRow]) -> list[str]:
    """What eight bits were calibrated on, and classes compared on."""
    calibrated: set[str] = set()
    compared: set[str] = set()
    for row in rows:
        notes, share = row.record.outcome.notes, agreement(row)
        if "calibrated_on" in notes:
            calibrated.add(str(notes["calibrated_on"]))
        if share is not None and "compared_on" in notes:
            compared.add(f"{share.n} {notes['compared_on']}")
    said = [f"Calibrated on {' or '.join(sorted(calibrated))}."] if calibrated else []
    other = "other " * bool(calibrated)
    alike = f"Same top-1: as the model as built in fp32, of {other}{' or '.join(sorted(compared))} [95% interval]."
    return [*said, alike] if compared else said

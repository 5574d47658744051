"""The table of flags: what was noticed of numbers that are doubtful."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.formats.table import Table
from zoo.outcome import Status

if TYPE_CHECKING:
    from zoo.results.view import Results


def flags_table(results: Results) -> Table | None:
    """A row for each doubtful trial, seeds of a regime together, or None."""
    costs = [
        (row.name, row.settings.describe(), "; ".join(filter(None, (*row.flags, row.reason))))
        for row in results.cost_rows(replicas=True)
        if row.flags or row.status == Status.UNCONVERGED
    ]
    regimes = [
        (row.name, row.settings.describe_cell(), "; ".join(row.flags)) for row in results.transfer_rows() if row.flags
    ]
    others = [
        (record.trial.display_name, record.trial.settings.describe(), "; ".join(record.outcome.flags))
        for kind in ("evaluate", "pretrain")
        for record in results.kind(kind)
        if record.outcome.flags
    ]
    rows = (*costs, *regimes, *others)
    return Table("Flags", "", ("model", "trial", "what was seen"), rows) if rows else None

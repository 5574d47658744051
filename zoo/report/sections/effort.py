"""The table of effort: parameters trained and seconds taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.candidates.tasks import identity, labels
from zoo.formats.table import Table
from zoo.outcome import Status
from zoo.report.numbers import MISSING, plain
from zoo.results.variants import variants

if TYPE_CHECKING:
    from zoo.results.rows import TransferRow
    from zoo.results.view import Results


def effort_table(results: Results) -> Table | None:
    """Parameters trained and seconds taken by each regime, medians over seeds."""
    rows = [row for row in results.transfer_rows() if row.accuracy is not None]
    if not rows:
        return None
    apart, named = variants(rows), labels(results.transfer_rows())
    body = tuple(
        (
            row.name + apart(row),
            named[identity(row)],
            row.strategy,
            str(row.shots),
            f"{row.trained_params:,}" if row.trained_params is not None else MISSING,
            _noted(row, "batch_norm"),
            _noted(row, "steps"),
            plain(row.seconds),
        )
        for row in rows
    )
    headers = (
        "model and weights",
        "task",
        "strategy",
        "shots",
        "trained params ↓",
        "batch norm",
        "steps",
        "seconds ↓",
    )
    caption = (
        "Seconds are medians over seeds, of fitting and testing; features that an earlier row had computed "
        "are read from the cache. Steps are the optimiser's; a probe has none."
    )
    return Table("Effort", caption, headers, body)


def _noted(row: TransferRow, name: str) -> str:
    """What the seeds that succeeded note, each word once."""
    good = [record.outcome.notes for record in row.records if record.outcome.status == Status.OK]
    return " or ".join(dict.fromkeys(str(notes[name]) for notes in good if name in notes)) or MISSING

"""The section of failures: trials that gave no number, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.formats.blocks import Text
from zoo.formats.table import Table
from zoo.report.sections.base import Section

if TYPE_CHECKING:
    from zoo.formats.blocks import Block
    from zoo.report.sections.base import Context
    from zoo.results.view import Results


def failures_table(results: Results) -> Table | None:
    """A row for each trial that failed, None where none did."""
    failed = results.failures()
    if not failed:
        return None
    rows = tuple(
        (r.trial.display_name, r.trial.settings.describe(), str(r.outcome.status), r.outcome.reason) for r in failed
    )
    return Table("Failures", "", ("model", "trial", "status", "reason"), rows)


def _build(context: Context) -> list[Block]:
    return [failures_table(context.results) or Text(("None.",))]


def _printed(results: Results) -> list[Table]:
    table = failures_table(results)
    return [] if table is None else [table]


FAILURES = Section("failures", "Failures", _build, _printed)

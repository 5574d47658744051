"""Tables of what models are worth: accuracy regime by regime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.choice.tasks import identity, labels
from zoo.formats.table import Table
from zoo.regimes.strategies import in_order
from zoo.report.numbers import MISSING, with_interval
from zoo.report.sections.health import health_of, majority_of
from zoo.report.strategies import is_control, starts_text
from zoo.results.lines import lines
from zoo.results.variants import variants
from zoo.sources.naming import NO_WEIGHTS
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.results.record import Record
    from zoo.results.rows import TransferRow
    from zoo.results.view import Results


MAJORITY = "control/majority"
"""Names the line of what takes no images: always to name the most frequent class."""


def transfer_tables(results: Results) -> list[Table]:
    """One table for each task: lines of models, columns of strategies."""
    rows = results.transfer_rows()
    named = labels(rows)
    known = dict.fromkeys(map(identity, rows))
    return [_table(named[task], [row for row in rows if identity(row) == task]) for task in known]


def _table(task: str, rows: list[TransferRow]) -> Table:
    of_models = in_order(row.strategy for row in rows if not _has_no_model(row))
    # A control without a model has no column: it stands in a line of its own, in the last one.
    columns = of_models or in_order(row.strategy for row in rows)[:1]
    apart = variants(rows, sizes=False)
    body: list[tuple[str, ...]] = []
    for count in sorted({row.shots for row in rows}, key=lambda n: (n == "all", n)):
        for line in lines([row for row in rows if row.shots == count]):
            lead = line.lead
            cells = [_cell(line.here.get(strategy)) for strategy in columns]
            size = str(lead.input_size[1]) if lead.input_size else MISSING
            body.append((lead.name + apart(lead, line.recipe), str(count), *cells, size))
        for control in (row for row in rows if _has_no_model(row) and row.shots == count):
            named = f" ({control.strategy})" if of_models else ""
            blank = [""] * (len(columns) - 1)
            body.append((control.name + apart(control), str(count), *blank, _cell(control) + named, ""))
    if majority := majority_of(_records(rows)):
        named = " (majority)" if of_models else ""
        body.append((MAJORITY, "", *[""] * (len(columns) - 1), majority + named, ""))
    names = [f"{name} (control)" if of_models and is_control(name) else name for name in columns]
    headers = ("model and weights", "shots", *(f"{name}, {ACCURACY.header}" for name in names), "input, px")
    return Table(f"Accuracy on {task}", _caption(task, rows), headers, tuple(body))


def _has_no_model(row: TransferRow) -> bool:
    return row.weights == NO_WEIGHTS


def _caption(task: str, rows: list[TransferRow]) -> str:
    good = [row for row in rows if row.accuracy is not None]
    counts, images = (
        sorted({len(row.seeds) for row in good}),
        sorted({row.accuracy.n for row in good if row.accuracy}),
    )
    seeds, tested = (
        f"{_span(counts)} seed{'s' * (counts != [1])}",
        f"{_span(images)} test image{'s' * (images != [1])}",
    )
    said = [f"Top-1 accuracy on {task}, %" + (f" [95% interval over {seeds} and {tested}]." if good else ".")]
    said.append(starts_text({row.strategy for row in rows}))
    said += ["* flagged; see the list of flags."] if any(row.flags for row in good) else []
    said += ["majority is always to name the most frequent class."] if majority_of(_records(rows)) else []
    return " ".join([*said, *health_of(_records(rows))])


def _records(rows: Iterable[TransferRow]) -> list[Record]:
    return [record for row in rows for record in row.records]


def _span(counts: list[int]) -> str:
    return "–".join(str(count) for count in dict.fromkeys((*counts[:1], *counts[-1:])))


def _cell(row: TransferRow | None) -> str:
    if row is None:
        return MISSING
    if row.accuracy is None:
        return str(row.status)
    failed = len(row.failed_seeds)
    lost = f" ({failed} seed{'s' * (failed != 1)} failed)" if failed else ""
    return with_interval(row.accuracy, ACCURACY) + "*" * bool(row.flags) + lost

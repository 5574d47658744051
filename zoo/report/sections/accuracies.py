"""Tables of what models are worth: accuracy regime by regime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.regimes.strategies import in_order
from zoo.registry.naming import NO_WEIGHTS
from zoo.report.numbers import MISSING, with_interval
from zoo.report.strategies import is_control, starts_text
from zoo.report.table import Table
from zoo.report.variants import variants
from zoo.results.lines import lines
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from zoo.results.rows import TransferRow
    from zoo.results.view import Results


DIGITS = 8
"""Of a task's digest, where two tasks share a name."""


def transfer_tables(results: Results) -> list[Table]:
    """One table for each task: lines of models, columns of strategies."""
    rows = results.transfer_rows()
    tasks = {row.settings.task_key: row.task for row in rows}
    names = list(tasks.values())
    return [
        _table(
            name if names.count(name) == 1 else f"{name}@{key[:DIGITS]}",
            [r for r in rows if r.settings.task_key == key],
        )
        for key, name in tasks.items()
    ]


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
    names = [f"{name} (control)" if of_models and is_control(name) else name for name in columns]
    headers = ("model and weights", "shots", *(f"{name}, {ACCURACY.header}" for name in names), "input, px")
    return Table(f"Accuracy on {task}", _caption(task, rows), headers, tuple(body))


def _has_no_model(row: TransferRow) -> bool:
    return row.weights == NO_WEIGHTS


def _caption(task: str, rows: list[TransferRow]) -> str:
    counts = sorted({len(row.seeds) for row in rows})
    seeds = f"{'–'.join(map(str, counts))} seed{'s' * (counts != [1])}"
    images = max((row.accuracy.n for row in rows if row.accuracy), default=0)
    caption = f"Top-1 accuracy on {task}, % [95% interval over {seeds} and {images} test images]. {starts_text()}"
    return caption + (" * flagged; see the list of flags." if any(row.flags for row in rows) else "")


def _cell(row: TransferRow | None) -> str:
    if row is None:
        return MISSING
    if row.accuracy is None:
        return str(row.status)
    lost = f" ({len(row.failed_seeds)} seeds failed)" if row.failed_seeds else ""
    return with_interval(row.accuracy, ACCURACY) + "*" * bool(row.flags) + lost

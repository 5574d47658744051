"""Tables of what models are worth: accuracy regime by regime, and the effort that each took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.report.numbers import MISSING, plain, with_interval
from zoo.report.table import Table
from zoo.report.variants import variants
from zoo.results.lines import lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.results.view import Results


def transfer_tables(results: Results) -> list[Table]:
    """One table for each task: a row for each model and shot count, a column for each strategy."""
    rows = results.transfer_rows()
    tables = []
    for task in dict.fromkeys(row.task for row in rows):
        mine = [row for row in rows if row.task == task]
        strategies = [s for s in _order(mine) if s != "pixels"]
        shots = sorted({row.shots for row in mine}, key=lambda n: (n == "all", n))
        apart = variants(mine, sizes=False)
        body = []
        for count in shots:
            for line in lines([row for row in mine if row.shots == count]):
                lead = line.lead
                cells = [_accuracy_cell(line.here.get(strategy)) for strategy in strategies]
                size = str(lead.input_size[1]) if lead.input_size else MISSING
                body.append((lead.name + apart(lead, line.recipe), str(count), *cells, size))
            for pixels in (row for row in mine if row.strategy == "pixels" and row.shots == count):
                blank = [""] * len(strategies)
                if strategies:
                    blank[-1] = _accuracy_cell(pixels) + " (pixels)"
                name = "control/pixels" + apart(pixels)
                body.append((name, str(count), *(blank or [_accuracy_cell(pixels)]), ""))
        headers = ("model and weights", "shots", *(_strategy_header(s) for s in strategies), "input, px")
        if not strategies:
            headers = ("model and weights", "shots", "pixels, % ↑", "input, px")
        counts = sorted({len(row.seeds) for row in mine})
        seeds = f"{'–'.join(map(str, counts))} seed{'s' * (counts != [1])}"
        caption = (
            f"Top-1 accuracy on {task}, % [95% interval over {seeds} and "
            f"{_images(mine)} test images]. classifier and full start from the weights named; scratch and "
            "random_features start from random weights; random_features and pixels are controls."
        ) + (" * flagged; see the list of flags." if any(row.flags for row in mine) else "")
        tables.append(Table(f"Accuracy on {task}", caption, headers, tuple(body)))
    return tables


def _order(rows: Sequence[Any]) -> list[str]:
    from zoo.regimes.strategies import STRATEGIES

    return [name for name in STRATEGIES if any(row.strategy == name for row in rows)]


def _strategy_header(strategy: str) -> str:
    from zoo.regimes.strategies import STRATEGIES

    return f"{strategy}{' (control)' if STRATEGIES[strategy].control else ''}, % ↑"


def _images(rows: Sequence[Any]) -> int:
    return max((row.accuracy.n for row in rows if row.accuracy), default=0)


def _accuracy_cell(row: Any) -> str:
    if row is None:
        return MISSING
    if row.accuracy is None:
        return str(row.status)
    lost = f" ({len(row.failed_seeds)} seeds failed)" if row.failed_seeds else ""
    return with_interval(row.accuracy, percent=True) + "*" * bool(row.flags) + lost


def effort_table(results: Results) -> Table | None:
    """Parameters trained and seconds taken by each regime, medians over seeds."""
    rows = [row for row in results.transfer_rows() if row.accuracy is not None]
    if not rows:
        return None
    apart = variants(rows)
    body = tuple(
        (
            row.name + apart(row),
            row.task,
            row.strategy,
            str(row.shots),
            f"{row.trained_params:,}" if row.trained_params is not None else MISSING,
            str(row.records[0].outcome.notes.get("batch_norm", MISSING)),
            str(row.records[0].outcome.notes.get("steps", MISSING)),
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

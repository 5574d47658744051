"""Tables of what accuracy does not say: other measures, and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.candidates.regime import regimes
from zoo.candidates.tasks import identity, labels
from zoo.formats.table import Table
from zoo.regimes.strategies import is_usable
from zoo.report.numbers import MISSING
from zoo.results.variants import variants
from zoo.sources.naming import RANDOM
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from zoo.results.record import Record
    from zoo.results.rows import TransferRow
    from zoo.results.view import Results


OTHERS = {
    "balanced_accuracy": ("balanced accuracy, % ↑", 100.0, 1),
    "macro_f1": ("macro-F1, % ↑", 100.0, 1),
    "top5": ("top-5, % ↑", 100.0, 1),
    "log_loss": ("log loss, nats ↓", 1.0, 3),
    "calibration_error": ("calibration error, % ↓", 100.0, 1),
    "validation": ("held out, % ↑", 100.0, 1),
}
"""Measures by name: the header, the factor to what is shown, and its decimals."""

MEANINGS = {
    "macro_f1": "Macro-F1 is the mean F1 over classes.",
    "calibration_error": "The calibration error is the mean distance of confidence from accuracy over 15 bins.",
    "validation": "Held out is the accuracy on training images held out.",
}

MOST_CLASSES = 20
"""Classes that a table names, those that are recalled worst."""


def measures_table(results: Results) -> Table | None:
    """Other measures of each regime, means over the seeds that succeeded."""
    rows = [row for row in results.transfer_rows() if any(OTHERS.keys() & _metrics(r) for r in row.good)]
    if not rows:
        return None
    shown = [name for name in OTHERS if any(name in _metrics(record) for row in rows for record in row.good)]
    apart, named = variants(rows), labels(results.transfer_rows())
    body = tuple(
        (
            row.name + apart(row),
            named[identity(row)],
            row.strategy,
            str(row.shots),
            f"{100 * (row.mean or 0.0):.1f}",
            *(_mean(row, name) for name in shown),
        )
        for row in rows
    )
    headers = ("model and weights", "task", "strategy", "shots", f"top-1, {ACCURACY.header}")
    caption = " ".join(["Means over seeds.", *(MEANINGS[name] for name in shown if name in MEANINGS)])
    return Table("Other measures", caption, (*headers, *(OTHERS[name][0] for name in shown)), body)


def recall_tables(results: Results) -> list[Table]:
    """Recall of each class under each model's best regime, one table a task.

    At the most images a class.
    """
    rows = [row for row in results.transfer_rows() if row.seeds and is_usable(row.strategy)]
    named = labels(results.transfer_rows())
    return [
        table
        for task in dict.fromkeys(map(identity, rows))
        if (table := _recalls(named[task], [row for row in rows if identity(row) == task])) is not None
    ]


def _recalls(task: str, rows: list[TransferRow]) -> Table | None:
    most = max((row.shots for row in rows), key=lambda n: float("inf") if n == "all" else int(n))
    of_names: dict[str, list[TransferRow]] = {}
    pretrained = {row.model for row in rows if row.weights != RANDOM}
    for row in rows:
        if row.weights == RANDOM and row.model in pretrained:
            continue  # from scratch a model is worth no column of its own
        if row.shots == most and _by_class(row):
            of_names.setdefault(row.name, []).append(row)
    best = [row for found in of_names.values() for row in regimes(found, ACCURACY.key).best.values()]
    if not best:
        return None
    counts = {name: images for name, (_, images) in _by_class(best[0]).items()}
    found = [{name: recall for name, (recall, _) in _by_class(row).items()} for row in best]
    worst = sorted(counts, key=lambda name: min(of.get(name, 1.0) for of in found))[:MOST_CLASSES]
    body = tuple(
        (name, str(counts[name]), *(f"{100 * of[name]:.1f}" if name in of else MISSING for of in found))
        for name in worst
    )
    left = f" Of {len(counts)} classes the {len(worst)} worst." if len(worst) < len(counts) else ""
    caption = f"Share of each class's test images that is named rightly, mean over seeds, {most} shots.{left}"
    headers = ("class", "test images", *(f"{row.name} ({row.strategy}), % ↑" for row in best))
    return Table(f"Recall of each class of {task}", caption, headers, body)


def _by_class(row: TransferRow) -> dict[str, tuple[float, int]]:
    """Mean recall over seeds and images of each class, as far as records note them."""
    held: dict[str, list[tuple[float, int]]] = {}
    for record in row.good:
        listed = record.outcome.notes.get("recalls")
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and isinstance(one.get("recall"), int | float):
                held.setdefault(str(one.get("class")), []).append((float(one["recall"]), int(one.get("images", 0))))
    return {name: (sum(recall for recall, _ in of) / len(of), of[0][1]) for name, of in held.items()}


def _mean(row: TransferRow, name: str) -> str:
    """Mean of a measure over the seeds that have it."""
    _, factor, decimals = OTHERS[name]
    found = [record.outcome.metrics[name].value for record in row.good if name in _metrics(record)]
    return f"{factor * sum(found) / len(found):.{decimals}f}" if found else MISSING


def _metrics(record: Record) -> set[str]:
    return set(record.outcome.metrics)

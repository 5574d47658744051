"""Tables of what models are worth: accuracy regime by regime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.candidates.tasks import identity, labels
from zoo.formats.table import Table
from zoo.regimes.strategies import in_order
from zoo.report.numbers import MISSING, with_interval
from zoo.report.sections.health import health_of, majority_of
from zoo.report.strategies import marked, starts_text
from zoo.results.lines import lines
from zoo.results.variants import variants
from zoo.sources.naming import NO_WEIGHTS
from zoo.statistics.balanced import is_imbalanced
from zoo.statistics.quantity import ACCURACY, BALANCED, MEASURES
from zoo.training.precision import BF16
from zoo.training.recipe import RATES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.results.record import Record
    from zoo.results.rows import TransferRow
    from zoo.results.view import Results
    from zoo.statistics.quantity import Quantity


MAJORITY = "control/majority"
"""Names the line of what takes no images: always to name the most frequent class."""


def transfer_tables(results: Results) -> list[Table]:
    """One table for each task: lines of models, columns of strategies.

    Where the largest class of the test images is over 1.5 times the smallest, one of the balanced accuracy beside.
    """
    rows = results.transfer_rows()
    named = labels(rows)
    found = []
    for task in dict.fromkeys(map(identity, rows)):
        here = [row for row in rows if identity(row) == task]
        found.append(_table(named[task], here, ACCURACY))
        if any(row.is_unequal for row in here):
            found.append(_table(named[task], here, BALANCED))
    return found


def _table(task: str, rows: list[TransferRow], measure: Quantity) -> Table:
    of_models = in_order(row.strategy for row in rows if not _has_no_model(row))
    # A control without a model has no column: it stands in a line of its own, in the last one.
    columns = of_models or in_order(row.strategy for row in rows)[:1]
    apart = variants(rows, sizes=False)
    body: list[tuple[str, ...]] = []
    for count in sorted({row.shots for row in rows}, key=lambda n: (n == "all", n)):
        for line in lines([row for row in rows if row.shots == count]):
            lead = line.lead
            cells = [_cell(line.here.get(strategy), measure) for strategy in columns]
            size = str(lead.input_size[1]) if lead.input_size else MISSING
            body.append((lead.name + apart(lead, line.recipe), str(count), *cells, size))
        for control in (row for row in rows if _has_no_model(row) and row.shots == count):
            named = f" ({control.strategy})" if of_models else ""
            blank = [""] * (len(columns) - 1)
            body.append((control.name + apart(control), str(count), *blank, _cell(control, measure) + named, ""))
    if majority := majority_of(_records(rows)) if measure is ACCURACY else _share_of_one(rows):
        named = " (majority)" if of_models else ""
        body.append((MAJORITY, "", *[""] * (len(columns) - 1), majority + named, ""))
    names = [marked(name) if of_models else name for name in columns]
    headers = ("model and weights", "shots", *(f"{name}, {measure.header}" for name in names), "input, px")
    title = f"{measure.label.capitalize()} on {task}"
    caption = _caption(task, rows) if measure is ACCURACY else _balanced_caption(title, rows)
    return Table(title, caption, headers, tuple(body))


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
    if rounded := dict.fromkeys(row.model for row in rows if row.settings.precision == BF16):
        said.append(f"Computed in bfloat16, and updated in float32: {', '.join(rounded)}.")
    said += ["* flagged; see the list of flags."] if any(row.flags for row in good) else []
    said += ["majority is always to name the most frequent class."] if majority_of(_records(rows)) else []
    return " ".join([*said, *health_of(_records(rows))])


def _balanced_caption(title: str, rows: list[TransferRow]) -> str:
    counts = next(counts for row in rows if is_imbalanced(counts := row.class_counts))
    recipes = [row.settings.recipe for row in rows if row.settings.recipe is not None]
    chose = " or ".join(dict.fromkeys(MEASURES[recipe.measure].label for recipe in recipes if recipe.tuning == RATES))
    spread = f"{min(counts)} to {max(counts)} test images"
    said = [f"{title}, %: the mean over classes of the share that is right, since these have {spread}."]
    said += ["Intervals and marks are as in the table before."]
    said += [f"Learning rates were chosen by {chose}."] if chose else []
    return " ".join(said)


def _share_of_one(rows: list[TransferRow]) -> str:
    """Percent of the classes that always naming one gets right."""
    counts = max((row.class_counts for row in rows), key=len)
    return f"{100 / len(counts):.1f}"


def _records(rows: Iterable[TransferRow]) -> list[Record]:
    return [record for row in rows for record in row.records]


def _span(counts: list[int]) -> str:
    return "–".join(str(count) for count in dict.fromkeys((*counts[:1], *counts[-1:])))


def _cell(row: TransferRow | None, measure: Quantity) -> str:
    if row is None:
        return MISSING
    if not row.seeds:
        return str(row.status)
    failed = len(row.failed_seeds)
    lost = f" ({failed} seed{'s' * (failed != 1)} failed)" if failed else ""
    return with_interval(row.by(measure.key), measure) + "*" * bool(row.flags) + lost

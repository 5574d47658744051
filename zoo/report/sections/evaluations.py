"""Tables of pretrained models as they are, beside what was published."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.formats.table import Table
from zoo.report.numbers import MISSING, with_interval
from zoo.report.sections.health import health_of, majority_of
from zoo.results.frame import TidyRows
from zoo.results.published import published_top1
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoo.results.frame import Cell
    from zoo.results.published import Published
    from zoo.results.record import Record
    from zoo.results.view import Results


def evaluation_tables(results: Results) -> list[Table]:
    """The table of evaluations, if there are any."""
    return [evaluation_table(results)] if results.kind("evaluate") else []


def evaluation_table(results: Results) -> Table:
    """A row for each model on each folder."""
    found = results.kind("evaluate")
    published = results.kind("published")
    rows = tuple(_row(record, published) for record in found)
    sources = {row[-1] for row in rows} - {""}
    caption = "Top-1 and top-5 of the weights as they are, % [95% interval over images]."
    for record in found:
        if order := record.outcome.notes.get("class_order"):
            caption += f" {record.trial.display_name}: {order}."
    for data in dict.fromkeys(record.trial.evaluate.data for record in found):
        of_data = [record for record in found if record.trial.evaluate.data == data]
        majority = majority_of(of_data)
        caption += f" Always to name the most frequent class of {data} is right in {majority} %." if majority else ""
        caption += "".join(f" {data}: {said}" for said in health_of(of_data))
    headers: tuple[str, ...] = (
        "model and weights", "images", "top-1, % ↑", "top-5, % ↑", "published top-1, % ↑",
        "difference, points", "input, px", PREPROCESSING,
    )  # fmt: skip
    body: tuple[tuple[str, ...], ...] = tuple(row[:-1] for row in rows)
    if sources:
        caption += (
            f" Published is ImageNet-1k, stated by {' and '.join(sorted(sources))}; on other images the difference "
            "says how they compare."
        )
    else:
        headers, body = (*headers[:4], *headers[6:]), tuple((*row[:4], *row[6:]) for row in body)
    rows_of_programs = tuple(_for_programs(found, published))
    return Table("Evaluation", caption, headers, body, (PREPROCESSING,), data=rows_of_programs)


PREPROCESSING = "preprocessing"


def _for_programs(found: list[Record], published: list[Record]) -> Iterator[dict[str, Cell]]:
    """Tidy rows, each with what the table has beside the record's own numbers, where any has it."""
    beside = {record.id: _beside(record, published) for record in found}
    columns = [name for name in BESIDE if any(cells[name] is not None for cells in beside.values())]
    for row in TidyRows(found):
        cells = beside[str(row["record"])]
        # What others state is of the top-1, and of no other row.
        yield row | {
            name: None if name in STATED and row.get("metric") != "top1" else cells[name] for name in columns
        }


STATED = ("published", "published_by", "published_px")
"""A published top-1 as a fraction, who states it, and the side of its images."""

BESIDE = (*STATED, "classes_from", "class_order")


def _beside(record: Record, published: list[Record]) -> dict[str, Cell]:
    stated = _stated(record, published)
    order = {name: record.outcome.notes.get(name) for name in BESIDE if name not in STATED}
    figure = (None, None, None) if stated is None else (stated.top1, stated.source, stated.side)
    return dict(zip(STATED, figure, strict=True)) | {
        name: None if said is None else str(said) for name, said in order.items()
    }


def _stated(record: Record, published: list[Record]) -> Published | None:
    """The published top-1 of the weights that a record is of."""
    trial = record.trial
    return published_top1(published, trial.model, trial.weights, trial.evaluate.side)


def _row(record: Record, published: list[Record]) -> tuple[str, ...]:
    trial, outcome = record.trial, record.outcome
    settings = trial.evaluate
    given = outcome.notes.get("classes_from")  # other than what the weights or the folders say
    stated = _stated(record, published)
    top1 = outcome.metrics.get("top1")
    shift, there = MISSING, 0.0 if stated is None else stated.top1
    if top1 is not None and stated is not None and top1.low is not None and top1.high is not None:
        moved = replace(top1, value=top1.value - there, low=top1.low - there, high=top1.high - there)
        shift = with_interval(moved, ACCURACY)
    return (
        trial.display_name,
        f"{settings.images} of {settings.data}" + (f", {given}" if given else ""),
        with_interval(top1, ACCURACY) if top1 else str(outcome.status),
        with_interval(outcome.metrics.get("top5"), ACCURACY),
        MISSING if stated is None else f"{100 * there:.2f}{stated.at(settings.side)}",
        shift,
        str(settings.side),
        f"of the {settings.preprocessing_from}",
        "" if stated is None else stated.source,
    )

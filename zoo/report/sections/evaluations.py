"""Tables of pretrained models as they are, beside what was published."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.formats.table import Table
from zoo.report.numbers import MISSING, with_interval
from zoo.report.sections.health import health_of, majority_of
from zoo.results.published import published_top1
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
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
    return Table("Evaluation", caption, headers, body, (PREPROCESSING,))


PREPROCESSING = "preprocessing"


def _row(record: Record, published: list[Record]) -> tuple[str, ...]:
    trial, outcome = record.trial, record.outcome
    settings = trial.evaluate
    given = outcome.notes.get("classes_from")  # other than what the weights or the folders say
    stated = published_top1(published, trial.model, trial.weights, settings.side)
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

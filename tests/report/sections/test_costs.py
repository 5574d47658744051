"""Counts and published figures beside a cost are of the size that stands in its line, or say theirs."""

from __future__ import annotations

from dataclasses import replace

from tests.results.planted import cost
from zoo.report.sections.costs import PUBLISHED, cost_tables
from zoo.results.record import Record
from zoo.results.view import Results


def noting(record: Record, macs: float) -> Record:
    return replace(record, outcome=replace(record.outcome, notes=record.outcome.notes | {"macs": macs}))


def test_macs_are_those_of_the_size_and_a_published_figure_says_its_own() -> None:
    small = noting(cost("alexnet", 1.0, input_size=[3, 64, 64]), 98144960.0)
    (table,) = cost_tables(Results([small, cost("alexnet", 9.0)]))
    shown = [dict(zip(table.headers, row, strict=True)) for row in table.rows]
    assert [(row["input, px"], row["MACs, G ↓"], row[PUBLISHED]) for row in shown] == [
        ("64", "0.098", "56.52 (IMAGENET1K_V1, at 224 px)"),
        ("224", "0.714", "56.52 (IMAGENET1K_V1)"),
    ]

"""The tables of similarity and of the rules, and the sentences over them."""

from __future__ import annotations

import numpy as np

from tests.advice.planted import cell
from zoo.advice.rule import cells
from zoo.formats.table import Table
from zoo.report.sections.rule import rule_table, verdict_lines
from zoo.report.sections.similarity import similarity_table
from zoo.results.record import Record
from zoo.results.view import Results


def table(records: list[Record]) -> Table:
    results = Results(records)
    return rule_table(cells(results), results)


def column(records: list[Record], header: str) -> list[str]:
    found = table(records)
    return [row[found.headers.index(header)] for row in found.rows]


def test_a_row_says_what_was_advised_what_was_best_by_how_much_and_whether_that_is_resolved() -> None:
    rng = np.random.default_rng(0)
    records = cell(rng, {"classifier": 0.4, "full": 0.6, "lora": 0.9, "pixels": 0.2})
    records += cell(rng, {"classifier": 0.6, "full": 0.6, "pixels": 0.2}, task="gratings", seeds=1)
    records += cell(rng, {"classifier": 1.0, "full": 1.0, "pixels": 0.2}, task="photographs")
    assert column(records, "best here") == ["lora", column(records, "best here")[1], "classifier"]
    assert column(records, "ahead by, points")[0].endswith(" over full")
    assert column(records, "resolved") == ["yes", "no, with one seed", "equal within a point"]
    assert column(records, "training images") == ["500"] * 3


def test_an_open_lead_says_how_many_seeds_would_do_and_a_control_is_called_one() -> None:
    found = [
        column(cell(np.random.default_rng(n), {"classifier": 0.3, "full": 0.55, "pixels": 0.6}), "resolved")[0]
        for n in range(12)
    ]
    assert any(said.startswith("no, ") and said.endswith(" seeds would") for said in found)
    assert column(cell(np.random.default_rng(0), {"classifier": 0.3, "full": 0.5, "pixels": 0.9}), "best here") == [
        "pixels (control)"
    ]


def test_the_cells_named_as_weak_are_three_at_most() -> None:
    rng = np.random.default_rng(0)
    records: list[Record] = []
    for task in ("digits", "gratings", "photographs", "letters-nz", "another"):
        records += cell(rng, {"classifier": 0.3, "full": 0.5, "pixels": 0.6}, task=task)
    results = Results(records)
    *_, weak = verdict_lines(cells(results), results)
    assert "in 5 of 5 cells (torchvision/resnet18.letters-am on digits at 50 shots, " in weak
    assert "photographs at 50 shots and 2 more): there nothing shows" in weak


def test_similarity_is_a_line_a_pair_and_columns_that_nothing_fills_are_left_out() -> None:
    rng = np.random.default_rng(0)
    records: list[Record] = []
    for model in ("resnet18", "vgg16", "alexnet", "googlenet"):
        records += cell(rng, {"classifier": 0.9, "full": 0.9, "pixels": 0.2}, model=model)
        records += cell(rng, {"classifier": 0.22, "pixels": 0.2}, task="gratings", model=model)
    found = similarity_table(Results(records))
    assert found is not None
    assert found.headers == ("weights trained on", "target", "backbones", "they are", "probe gain")
    assert [row[:4] for row in found.rows] == [
        ("letters-am", "digits", "4", "similar"), ("letters-am", "gratings", "4", "dissimilar"),
    ]  # fmt: skip
    more = similarity_table(Results(records + cell(rng, {"knn": 0.8, "scratch": 0.5}, model="vgg16")))
    assert more is not None
    assert more.headers[5:] == ("kNN gain", "benefit, points")
    assert [row[5:] == ("n/a", "n/a") for row in more.rows] == [False, True]
    assert similarity_table(Results([])) is None

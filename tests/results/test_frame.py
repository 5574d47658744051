"""Rows for programs carry what they are of, numbers as numbers, and nothing that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.results.planted import a_suite, cost, transfer
from zoo.api.results import Results
from zoo.formats import render
from zoo.formats.table import Table
from zoo.outcome import Status
from zoo.report.printed import printed
from zoo.results.frame import TidyRows
from zoo.results.record import Record
from zoo.results.spreadsheet import defused
from zoo.statistics.measurement import Measurement


def rows_of(*records: Record) -> tuple[list[dict[str, object]], list[dict[str, str]]]:
    results = Results(records)
    return json.loads(printed(results, "json")), list(csv.DictReader(io.StringIO(printed(results, "csv"))))


def test_a_row_says_of_which_record_it_is_and_when_and_by_which_recipe() -> None:
    record = transfer("resnet18", "full", 0.8, recipe={"steps": 600})
    record = replace(record, trial=replace(record.trial, weights_digest="ab" * 32))
    [accuracy, params, seconds], table = rows_of(record)
    for row in (accuracy, params, seconds):
        assert row["record"] == record.id
        assert row["started"] == "2023-11-14T22:14:20Z"
        assert row["weights_digest"] == "ab" * 32
        assert (row["setting.recipe.steps"], row["setting.recipe.full_rate"]) == (600, 3e-4)
        assert (row["suite"], row["run"], row["machine"]) == ("planted", "run-0", "m1")
    assert (accuracy["value"], accuracy["unit"], accuracy["n"]) == (0.8, "fraction", 200)
    assert accuracy["low"] == pytest.approx(0.739, abs=1e-3)
    assert [line["value"] for line in table] == ["0.8", "5130", "1.5"]


def test_whole_numbers_are_whole_in_every_format_also_beside_rows_without_them() -> None:
    counted = transfer("resnet18", "full", 0.8)
    metrics = {**counted.outcome.metrics, "trained_params": Measurement(25557032.0, "count")}
    counted = replace(counted, outcome=replace(counted.outcome, metrics=metrics))
    failed = cost("vgg16", 1.0, status=Status.FAILED, reason="planted", threads=4)
    rows, table = rows_of(counted, failed)
    assert [type(row["value"]) for row in rows if row["metric"] == "trained_params"] == [int]
    assert {line["value"] for line in table if line["metric"] == "trained_params"} == {"25557032"}
    assert {line["setting.threads"] for line in table} == {"", "4"}
    assert {row["setting.seed"] for row in rows} == {0, None}
    text = printed(Results([counted, failed]), "csv") + printed(Results([counted, failed]), "json")
    assert "25557032.0" not in text
    assert "NaN" not in text
    frame = Results([counted, failed]).to_frame()
    assert str(frame["setting.threads"].dtype) == "Int64"
    assert frame.columns.tolist() == list(TidyRows(Results([counted, failed]).records).columns)


def test_what_nobody_said_is_empty() -> None:
    record = cost("resnet18", 20.0)
    rows, table = rows_of(replace(record, outcome=replace(record.outcome, started=0.0)))
    assert "started" not in rows[0]
    assert "weights_digest" not in table[0]


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "+1"),
        ("-2.5e-3", "-2.5e-3"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\r=x", "'\n=x"),
        ("=HYPERLINK(\"http://e.org\")", "'=HYPERLINK(\"http://e.org\")"),
        ("mine/=x", "mine/=x"),
        ("\ud800", "\ufffd"),
        (-3, -3),
        (-0.5, -0.5),
        (None, None),
    ],
)  # fmt: skip
def test_a_spreadsheet_shows_every_cell_and_computes_none(cell: str | float | None, safe: object) -> None:
    assert defused(cell) == safe


@given(text=st.text(alphabet="=+-@\t\r\n'|,;\"1.ae", max_size=8))
def test_no_cell_begins_as_a_formula(text: str) -> None:
    record = cost("resnet18", 20.0, status=Status.FAILED, reason=text)
    record = replace(record, trial=replace(record.trial, model=text), suite=text)
    [row] = csv.reader(io.StringIO(printed(Results([record]), "csv").partition("\n")[2]))
    table = list(csv.reader(io.StringIO(render(Table("", "", (text, "b"), ((text, "-1.5"),)), "csv"))))
    for cell in [*row, *table[0], *table[1]]:
        assert not cell or cell[0] not in "=+-@\t\r\n" or float(cell) is not None
    assert table[1][1] == "-1.5"


def test_a_report_holds_what_the_command_prints(tmp_path_factory: pytest.TempPathFactory) -> None:
    results = Results(a_suite())
    folder = tmp_path_factory.mktemp("report")
    [path] = [path for path in results.write_report(folder) if path.name == "results.csv"]
    assert path.read_text() == printed(results, "csv") + "\n"

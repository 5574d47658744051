"""What commands print: tables for people, one whole document for programs."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.results.planted import a_suite
from zoo.report.printed import printed
from zoo.results.view import Results


@pytest.fixture
def results() -> Results:
    return Results(a_suite())


def test_programs_get_one_document_with_every_number(results: Results) -> None:
    rows = json.loads(printed(results, "json"))
    table = list(csv.DictReader(io.StringIO(printed(results, "csv"))))
    assert len(rows) == len(table) > 50
    latency = next(r for r in rows if r["metric"] == "latency_ms" and r["model"] == "torchvision/resnet18")
    record = next(r for r in results.kind("cost") if r.trial.model == "torchvision/resnet18")
    assert latency["value"] == pytest.approx(record.outcome.metrics["latency_ms"].value, rel=1e-12)
    assert {row["status"] for row in table} == {"ok", "unconverged", "failed"}


def test_people_get_tables_and_the_failures(results: Results) -> None:
    screen, page = printed(results, "table"), printed(results, "md")
    for text in (screen, page):
        assert "RuntimeError: planted" in text
        assert "squeezenet1_0" in text
    assert page.count("### ") == 4
    assert "cpu pressure 9%" in screen
    assert "### " not in screen

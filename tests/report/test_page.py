"""The page, its tables and its figures, held to golden files: ``pytest --overwrite`` writes them anew."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.results.planted import a_suite, cost, transfer
from zoo.api.results import Results
from zoo.errors import InputFileError, UnknownNameError
from zoo.formats import render
from zoo.report.sections.accuracies import transfer_tables
from zoo.report.sections.costs import cost_tables

GOLDEN = Path(__file__).parent / "golden"


def hold(name: str, text: str, overwrite: bool) -> None:
    path = GOLDEN / name
    if overwrite:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text(), f"{name} changed; look at it, then `pytest --overwrite`"


@pytest.fixture
def suite() -> Results:
    return Results(a_suite())


def test_the_page(suite: Results, overwrite: bool) -> None:
    hold("report.md", suite.to_markdown(), overwrite)


def test_the_screen(suite: Results, overwrite: bool) -> None:
    text = "\n\n".join(render(table) for table in [*cost_tables(suite), *transfer_tables(suite)])
    assert max(map(len, text.splitlines())) <= 100
    hold("screen.txt", text + "\n", overwrite)


def test_the_sections_stand_in_their_order(suite: Results) -> None:
    page = suite.to_markdown()
    order = [
        "Take **", "## What was measured", "## Accuracy against latency", "## Regimes and controls",
        "## Noise floor and flags", "## Failures", "## Environment", "Reproduce with:",
    ]  # fmt: skip
    places = [page.index(section) for section in order]
    assert places == sorted(places)


def test_a_report_is_a_folder_of_page_table_and_figures(suite: Results, tmp_path: Path) -> None:
    written = suite.write_report(tmp_path / "r", title="Planted", command="zoo run planted")
    assert sorted(path.name for path in written) == [
        "README.md", "frontier.png", "frontier.svg", "regimes.png", "regimes.svg", "report.html", "results.csv",
        "slope.png", "slope.svg",
    ]  # fmt: skip
    page = (tmp_path / "r" / "README.md").read_text()
    assert page.startswith("# Planted\n")
    assert "zoo run planted" in page
    assert (tmp_path / "r" / "frontier.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "r" / "frontier.svg").read_text()[:200]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "r" / "results.csv").read_text())))
    latency = next(r for r in rows if r["metric"] == "latency_ms" and r["model"] == "torchvision/resnet18")
    assert float(latency["low"]) < float(latency["value"]) < float(latency["high"])


def test_a_folder_that_cannot_be_written_is_one_line(suite: Results, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputFileError, match="cannot write the report"):
        suite.write_report(tmp_path / "file" / "r")


def test_every_format_says_the_same(suite: Results) -> None:
    table = cost_tables(suite)[0]
    objects = json.loads(render(table, "json"))
    rows = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    assert objects == rows
    assert len(objects) == len(table.rows)
    with pytest.raises(UnknownNameError, match="unknown format 'html'"):
        render(table, "html")


def test_tables_never_mix_settings() -> None:
    mixed = Results(
        [
            cost("resnet18", 20.0),
            cost("resnet18", 90.0, metric="latency", batch=1, precision="bf16"),
            cost("resnet18", 25.0, memory_format="channels_last"),
        ]
    )
    assert [len(table.rows) for table in cost_tables(mixed)] == [1, 1, 1]


def test_engines_stand_apart_and_are_named() -> None:
    eager, compiled = cost_tables(Results([cost("resnet18", 20.0), cost("resnet18", 9.0, engine="compiled")]))
    assert eager.title == "Latency, batch 1, cpu"
    assert compiled.title == "Latency, batch 1, cpu, compiled"
    assert "eager" not in eager.caption
    assert "contiguous, engine compiled, interleaved rounds" in compiled.caption


def test_the_rule_is_judged_on_paired_differences() -> None:
    records = []
    for seed in range(3):
        records += [
            transfer("resnet18", strategy, accuracy, shots=shots, seed=seed)
            for shots, pairs in (
                (10, (("classifier", 0.8), ("full", 0.7), ("pixels", 0.75))),
                (50, (("classifier", 0.5), ("full", 0.9), ("pixels", 0.6))),
            )
            for strategy, accuracy in pairs
        ]
    page = Results(records).to_markdown()
    assert "The course rule, over 2 cells: 2 held." in page
    assert "stood no higher than the controls in 1 of 2 cells" in page


def test_nothing_is_a_page_too() -> None:
    page = Results([]).to_markdown()
    assert "No backbone can be recommended" in page
    assert "Nothing was measured." in page

"""Curves of throughput have a section, a figure and a table of knees; what was measured at one batch has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.figures.test_curve import curve
from tests.results.planted import cost
from zoo.api.results import Results
from zoo.figures.curve import MOST
from zoo.formats.blocks import Figure, figures_of
from zoo.outcome import Status
from zoo.report.printed import printed
from zoo.report.sections.base import Context
from zoo.report.sections.batches import BATCHES, HEADERS, knee_tables
from zoo.results.record import Record

RESNET = curve("resnet18", 100, 180, 300, 304, 302)
VGG = curve("vgg16", 10, 11, None)


def cells(records: list[Record], model: str) -> dict[str, str]:
    (table,) = knee_tables(Results(records))
    (row,) = [row for row in table.rows if model in row[0]]
    return dict(zip(HEADERS, row, strict=True))


def test_a_knee_is_told_with_its_rate_its_call_its_gain_and_the_highest() -> None:
    shown = cells(RESNET + VGG, "resnet18")
    assert shown["knee, batch"] == "4"
    assert float(shown["there, images/s ↑"].partition(" ")[0]) == pytest.approx(300, rel=0.01)
    assert float(shown["gain"].removeprefix("×")) == pytest.approx(3, rel=0.01)
    assert float(shown["a call, ms ↓"]) == pytest.approx(1000 * 4 / 300, rel=0.01)
    assert shown["highest, images/s ↑"].endswith(" at 8")
    assert shown["beyond"] == "flat since 4"
    assert cells(RESNET + VGG, "vgg16")["beyond"] == "oom at 4"


def test_a_knee_that_intervals_do_not_resolve_has_its_span() -> None:
    wide = [
        cost("resnet18", 1000 * batch / rate, spread=0.04, metric="throughput", batch=batch)
        for batch, rate in ((1, 100), (2, 280), (4, 290), (8, 300))
    ]
    shown = cells(wide, "resnet18")
    assert shown["knee, batch"].endswith("[2, 8]")


def test_doubtful_rates_are_marked_and_the_caption_says_how() -> None:
    doubtful = curve("resnet18", 100, 180, 300, 304, 302, flags=("cpu pressure 9%",))
    (table,) = knee_tables(Results(doubtful))
    assert table.rows[0][2].endswith("]*")
    assert "* flagged; see the list of flags." in table.caption
    (clean,) = knee_tables(Results(RESNET))
    assert "flagged" not in clean.caption


def test_the_page_has_a_figure_a_setting_and_none_without_a_curve(tmp_path: Path) -> None:
    two = Results([*RESNET, *VGG, *curve("resnet18", 100, 200, 300, threads=2)])
    figures = list(figures_of(BATCHES.build(Context(two))))
    assert [figure.name for figure in figures] == ["throughput", "throughput-2"]
    assert "A cross is a batch that did not run." in figures[0].caption
    assert "A cross" not in figures[1].caption
    assert BATCHES.build(Context(Results([cost("resnet18", 20.0)]))) == []
    assert "over batch" not in Results([cost("resnet18", 20.0)]).to_markdown()
    files = {path.name for path in two.write_report(tmp_path)}
    assert {"throughput.png", "throughput-2.svg"} <= files


def test_of_very_many_models_the_fastest_are_drawn_and_all_are_in_the_table() -> None:
    many = [r for place in range(50) for r in curve(f"timm/net_{place}", 10 + place, 20 + place, 30 + place)]
    _, figure, table = BATCHES.build(Context(Results(many)))
    assert isinstance(figure, Figure)
    assert figure.caption.endswith(f"Of 50 models the {MOST} of the highest throughput are drawn.")
    assert len({row["model"] for row in figure.chart().to_dict()["data"]["values"]}) == MOST
    assert len(getattr(table, "rows", ())) == 50


def test_a_command_prints_the_knees_behind_the_tables_of_each_batch() -> None:
    text = printed(Results(RESNET), "md")
    assert text.index("Throughput, batch 16, cpu") < text.index("Throughput over batch, cpu, 1 thread")


def test_a_setting_that_is_not_the_usual_one_is_in_the_title() -> None:
    other = curve("resnet18", 1, 2, 3, engine="compiled", precision="bf16", form="trained", timed_by="another")
    (table,) = knee_tables(Results(other))
    assert table.title == "Throughput over batch, cpu, 1 thread, bf16, compiled, trained form, another"


def test_why_there_is_nothing_larger_is_told_by_its_status() -> None:
    failed = cost("resnet18", 1.0, metric="throughput", batch=8, status=Status.TIMEOUT)
    assert cells([*RESNET[:3], failed], "resnet18")["beyond"] == "timeout at 8"

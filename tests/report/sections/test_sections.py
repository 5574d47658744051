"""A section of another package stands in the page, where it says, and is printed if it wants to be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.results.planted import a_suite
from zoo.api.results import Results
from zoo.errors import UnknownNameError, ZooError
from zoo.formats.blocks import Block, Details, Figure, Text
from zoo.formats.table import Table
from zoo.report.printed import printed
from zoo.report.sections import SECTIONS, in_order
from zoo.report.sections.base import Context, Section


def build(context: Context) -> list[Block]:
    return [Text((f"{len(context.results)} records.",))] if len(context.results) else []


COUNT = Section("count", "How many", build)


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    for name in ("count", "second", "third"):
        SECTIONS.unregister(name)


def names() -> list[str]:
    return [section.name for section in in_order()]


def test_every_section_of_the_zoo_has_the_name_of_the_table() -> None:
    assert (
        names()
        == list(SECTIONS)
        == ["measured", "batches", "frontier", "regimes", "noise", "failures", "environment"]
    )


def test_a_section_stands_before_the_last_or_behind_the_one_that_it_names() -> None:
    SECTIONS.register("count", f"{__name__}:COUNT")
    assert names()[-3:] == ["failures", "count", "environment"]
    SECTIONS.register("second", Section("second", "Two", build, after="frontier"))
    SECTIONS.register("third", Section("third", "Three", build, after="frontier"))
    assert names()[2:6] == ["frontier", "second", "third", "regimes"]
    page = Results(a_suite()).to_markdown()
    assert "\n\n## How many\n\n33 records.\n\n## Environment\n" in page
    assert page.index("## Accuracy against latency") < page.index("## Two") < page.index("## Three")
    assert page.index("## Three") < page.index("## Regimes and controls")


def test_a_section_without_blocks_is_no_heading() -> None:
    SECTIONS.register("count", COUNT)
    assert "How many" not in Results([]).to_markdown()


def test_what_a_section_stands_behind_must_be_there() -> None:
    SECTIONS.register("count", Section("count", "How many", build, after="fronteir"))
    with pytest.raises(UnknownNameError, match=r"unknown section 'fronteir'.*frontier"):
        in_order()


def test_a_section_that_cannot_be_loaded_is_named() -> None:
    SECTIONS.register("count", "no.such:MODULE")
    with pytest.raises(ZooError, match=r"cannot load the section 'count' \(no\.such:MODULE\)"):
        in_order()


def test_commands_print_the_tables_of_a_section() -> None:
    table = Table("Counted", "", ("what", "n"), (("records", "33"),))
    SECTIONS.register("count", Section("count", "How many", build, lambda results: [table]))
    assert printed(Results(a_suite())).endswith("\n\nCounted\nwhat      n\n-------  --\nrecords  33")
    assert "### Counted\n\n| what" in printed(Results(a_suite()), "md")


def test_figures_of_a_section_are_written_folded_ones_too(tmp_path: Path) -> None:
    altair = pytest.importorskip("altair")
    chart = altair.Chart(altair.Data(values=[{"x": 1}])).mark_point().encode(x="x:Q")
    figure = Figure("counted", lambda: chart, "How many records", "One point.")
    SECTIONS.register("count", Section("count", "How many", lambda context: [Details("More", (figure,))]))
    written = Results([]).write_report(tmp_path)
    assert [path.name for path in written] == [
        "README.md",
        "results.csv",
        "counted.svg",
        "counted.png",
        "report.html",
    ]
    page = (tmp_path / "README.md").read_text()
    assert (
        "<details><summary>More</summary>\n\n![How many records](counted.svg)\n\nOne point.\n\n</details>\n" in page
    )

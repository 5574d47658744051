"""Every block is written in every format of pages, and a format of another package has its page in a report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.results.planted import a_suite
from zoo.api.results import Results
from zoo.cli.main import main
from zoo.errors import UnknownNameError, ZooError
from zoo.formats import FORMATS, page, render
from zoo.formats.base import Format
from zoo.formats.blocks import Block, Code, Details, Figure, Heading, Text
from zoo.formats.table import Table
from zoo.report.printed import printed

TABLE = Table("Speed", "On a CPU.", ("model", "ms ↓"), (("a", "1.0"),))

BLOCKS: list[Block] = [
    Heading("Page", 1),
    Text(("Take **a**.", "Not b.")),
    Heading("Speed", 3),
    TABLE,
    Details("More", (Text(("one", "two " * 40), listed=True), Code("zoo run"))),
    Figure("speed", lambda: None, "Speed of each", "Bars are intervals."),
]


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    FORMATS.unregister("words")


def test_every_block_as_markdown() -> None:
    assert page(BLOCKS, "md").split("\n\n") == [
        "# Page",
        "Take **a**.\nNot b.",
        "### Speed",
        "| model   |   ms ↓ |\n|---------|--------|\n| a       |    1.0 |",
        "*On a CPU.*",
        "<details><summary>More</summary>",
        "- one\n- " + ("two " * 40).strip(),
        "```\nzoo run\n```",
        "</details>",
        "![Speed of each](speed.svg)",
        "Bars are intervals.",
    ]


def test_every_block_on_a_screen() -> None:
    text = page(BLOCKS, "table")
    assert max(map(len, text.splitlines())) <= 100
    assert text.count("Speed\n") == 1, "the heading over a table is its title"
    assert text.startswith(
        "Page\n\nTake a.\nNot b.\n\nSpeed\nmodel  ms ↓\n-----  ----\na       1.0\nOn a CPU.\n\nMore"
    )
    assert "\n- one\n- two two" in text
    assert "\n  two" in text, "a long item goes on under its first word"
    assert text.endswith("zoo run\n\n[Speed of each: speed.svg]")


def test_an_unknown_format_is_named_with_the_nearest() -> None:
    for draw in (lambda: render(TABLE, "jsn"), lambda: printed(Results([]), "jsn"), lambda: page(BLOCKS, "jsn")):
        with pytest.raises(UnknownNameError, match=r"unknown format 'jsn'.*json"):
            draw()


def test_programs_get_no_pages() -> None:
    with pytest.raises(ZooError, match="'csv' is of tables, not of pages"):
        page(BLOCKS, "csv")


def test_commands_take_a_format_of_another_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["list", "resnet18", "--format", "words"])
    assert caught.value.code == 2
    assert "unknown format 'words'" in capsys.readouterr().err
    FORMATS.register("words", Format(table=lambda table: f"{len(table.rows)} rows"))
    with pytest.raises(SystemExit) as caught:
        main(["list", "resnet18", "--format", "words"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.endswith(" rows\n")


def test_a_format_of_another_package_prints_and_has_its_page(tmp_path: Path) -> None:
    def words(blocks: object) -> str:
        return f"{len(list(blocks))} blocks"  # type: ignore[call-overload]

    FORMATS.register("words", Format(table=lambda table: table.title, blocks=words, file="words.txt"))
    assert render(TABLE, "words") == "Speed"
    results = Results(a_suite())
    assert printed(results, "words") == "8 blocks"
    written = [path.name for path in results.write_report(tmp_path)]
    assert written[:3] == ["README.md", "words.txt", "results.csv"]
    assert (tmp_path / "words.txt").read_text().endswith(" blocks\n")

"""On a terminal every table fits a hundred columns, whatever stands in it, and loses no word."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from zoo.formats import render
from zoo.formats.screen import NARROWEST, WIDTH
from zoo.formats.table import Table

words = st.lists(st.text("abcdefgh", min_size=1, max_size=NARROWEST), min_size=1, max_size=30).map(" ".join)


def screen(table: Table) -> str:
    text = render(table)
    assert max(map(len, text.splitlines())) <= WIDTH
    return text


def test_intervals_go_under_their_values_where_a_line_is_too_long() -> None:
    headers = (
        "model and weights as they were measured",
        *(f"latency, {n} threads, ms ↓" for n in (1, 2)),
        "params, M ↓",
        "input, px",
    )
    row = ("torchvision/squeezenet1_0.letters-am", *(["125.31 [124.04, 125.79]*~"] * 2), "138", "224")
    text = screen(Table("Latency", "", headers, (row,)))
    assert text.count("125.31") == text.count("[124.04, 125.79]*~") == 2
    short = screen(Table("Latency", "", headers[:2], (row[:2],)))
    assert "125.31 [124.04, 125.79]*~" in short


def test_the_source_is_dropped_only_where_a_bare_name_means_the_same() -> None:
    one = Table("", "", ("model", "shots"), (("torchvision/resnet18", "5"), ("control/pixels", "5")))
    assert "torchvision" not in screen(one)
    two = Table("", "", ("model", "shots"), (("torchvision/resnet18", "5"), ("timm/resnet18", "5")))
    assert "torchvision/resnet18" in screen(two)
    assert "timm/resnet18" in screen(two)
    assert "timm/resnet18" in screen(Table("", "", two.headers, two.rows[1:]))


@given(st.lists(st.tuples(words, words, words), min_size=1, max_size=5))
def test_long_texts_are_wrapped_and_whole(rows: list[tuple[str, str, str]]) -> None:
    text = screen(Table("", "", ("model", "trial", "reason"), tuple(rows)))
    found = re.findall("[a-h]+", text.partition("---")[2])
    assert sorted(found) == sorted(word for row in rows for cell in row for word in cell.split())


def test_numbers_stand_right_and_words_left() -> None:
    lines = screen(Table("", "", ("model", "n", "reason"), (("a", "5", "no"), ("b", "500", "because")))).splitlines()
    assert lines[-2:] == ["a        5  no", "b      500  because"]


def test_a_table_without_rows_is_its_header() -> None:
    assert screen(Table("", "0 runs.", ("run", "suite"), ())).splitlines()[0].split() == ["run", "suite"]

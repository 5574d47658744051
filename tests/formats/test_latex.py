"""LaTeX of a table shows what it was given, whatever that is called: no command comes of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.results.planted import a_suite
from zoo.api.results import Results
from zoo.formats import page, render
from zoo.formats.blocks import Details, Heading, Text
from zoo.formats.escaping import visible
from zoo.formats.latex import SIGNS, escaped_latex
from zoo.formats.table import Table
from zoo.report.printed import printed

BACK = {written: sign for sign, written in SIGNS.items()}
TOKENS = re.compile(
    r"(?<=[-',])\{\}(?=[-',])|"
    + "|".join(re.escape(written) for written in sorted(BACK, key=len, reverse=True))
    + "|."
)

HOSTILE = [
    r"\input{/etc/passwd}", r"\write18{rm -rf}", "a & b", "100 %", "$x$", "x_1", "x^2", "#1", "{", "}", "~",
    "\\", r"\\",
    "\\\\[1em]", "[1em]", "<script>", "a|b", "`x`", '"', "--", "---", "a\nb", "a\n\nb", "%", "\\end{tabular}", "±2%",
    "↓", "--input-size",
]  # fmt: skip


def read(text: str) -> str:
    """What LaTeX shows of escaped text; a sign that it would take for its own is an error."""
    found = []
    assert not re.search("--|''|,,", text)
    for token in TOKENS.findall(text):
        if token == "{}":
            continue
        sign = BACK.get(token, token)
        assert token in BACK or token not in SIGNS, (token, text)
        found.append(sign)
    return "".join(found)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    shown = read(escaped_latex(text))
    assert shown.replace("---", "—").replace("--", "–") == visible(text).strip().replace("---", "—").replace(
        "--", "–"
    )


@given(st.text(alphabet=[*SIGNS, *"ab 1\n-',"], max_size=30))
def test_any_text_is_text(text: str) -> None:
    assert read(escaped_latex(text)) == visible(text).strip()


def test_a_table_has_a_column_for_each_header_and_its_settings_as_the_caption() -> None:
    table = Table(
        "Latency, cpu", "Median [95% interval].", ("model", "ms ↓"), (("a_b", "1.0 [0.9, 1.1]"), ("c", "n/a"))
    )
    assert render(table, "latex").splitlines() == [
        r"\begin{table}",
        r"\centering",
        r"\caption{Latency, cpu. Median {[}95\% interval{]}.}",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"model & ms $\downarrow$ \\",
        r"\midrule",
        r"a\_b & 1.0 {[}0.9, 1.1{]} \\",
        r"c & n/a \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


def test_a_page_is_its_tables_folded_ones_too() -> None:
    table = Table("", "", ("a", "b"), (("x", "1"),))
    blocks = [Heading("Title"), Text(("Words.",)), table, Details("more", (table,))]
    assert page(blocks, "latex").count(r"\begin{table}") == 2
    assert "Title" not in page(blocks, "latex")
    assert "caption" not in page(blocks, "latex")


def test_every_table_of_a_suite_is_written_with_as_many_cells_a_row() -> None:
    text = printed(Results(a_suite()), "latex")
    tables = text.split("\\begin{table}")[1:]
    assert len(tables) >= 2
    for one in tables:
        columns = len(re.search(r"\\begin\{tabular\}\{([lr]+)\}", one)[1])  # type: ignore[index]
        rows = [line for line in one.splitlines() if line.endswith(r" \\")]
        assert len(rows) >= 2
        assert all(len(re.split(r"(?<!\\)&", row)) == columns for row in rows)

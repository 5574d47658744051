"""A page shows what it was given, whatever that is called: no script, image, link, comment or block comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.results.planted import a_suite, cost, transfer
from zoo.api.results import Results
from zoo.formats import page, render
from zoo.formats.blocks import Block, Code, Details, Figure, Heading, Text
from zoo.formats.escaping import escaped, visible
from zoo.formats.table import Table
from zoo.outcome import Status
from zoo.results.record import Record

GITHUB = MarkdownIt("gfm-like", {"linkify": False, "html": True})

WORDS = {"inline", "text", "text_special", "softbreak", "code_inline", "em_open", "em_close"}
WORDS |= {"paragraph_open", "paragraph_close", "strong_open", "strong_close"}
TABLES = {f"{part}_{end}" for part in ("table", "thead", "tbody", "tr", "th", "td") for end in ("open", "close")}
LISTS = {f"{part}_{end}" for part in ("bullet_list", "list_item") for end in ("open", "close")}

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](http://e.org/x)", "[x](javascript:alert(1))",
    "[x][y]", "[x]: http://e.org", "<http://e.org>", "a|b", "a\\|b", "`|`", "a\nb", "a\r\n\r\n# b", "`", "```",
    "``x``", "<!-- ", " -->", "\u202egnp.exe", "\u2067x\u2069", "\x1b[31m", "\x07", "# x", "x #", "- x", "+ x",
    "1. x", "2) x", "---", "===", "- - -", "> x", "    x", "~~x~~", "_x_", "*x*", "**", "**x", "$x$", "&lt;b&gt;",
    "&#60;", "x\\", "</details>", "</summary>", "\ud800", "",
]  # fmt: skip

fragments = st.sampled_from(
    ["<script>", "</b>", "![", "[", "]", "(", ")", "](", "]: ", "|", "`", "``", "*", "**", "_", "~~", "<!--", "-->",
     "\n\n", "# ", "- ", "1. ", "===", "---", "|-|", "&lt;", "\\", "\u202e", "\r", "    ", "a", "b c", "$", "<b>",
     ">", "\x85", "\u2028", "#", "!"]
)  # fmt: skip
texts = st.lists(fragments, max_size=10).map("".join)


def every(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from every(token.children or [])


def parsed(blocks: list[Block]) -> tuple[set[str], list[Token]]:
    tokens = list(every(GITHUB.parse(page(blocks, "md"))))
    return {token.type for token in tokens}, tokens


def shown(tokens: Iterable[Token]) -> str:
    said = (token.content for token in tokens if token.type in ("text", "text_special", "code_inline"))
    return re.sub(r"[\s`*]", "", "".join(said))


@settings(max_examples=200, deadline=None)
@given(text=texts)
def test_a_paragraph_shows_any_text(text: str) -> None:
    kinds, tokens = parsed([Text((text, "x|y", "-|-"))])
    assert kinds <= WORDS
    assert shown(tokens) == re.sub(r"[\s`*]", "", visible(text) + "x|y-|-")


@settings(max_examples=120, deadline=None)
@given(a=texts, b=texts, c=texts)
def test_a_table_shows_any_cells_headers_and_captions(a: str, b: str, c: str) -> None:
    kinds, tokens = parsed([Table("", f"x{c}", ("model", f"y{b}"), ((a, b), (b, c)))])
    assert kinds <= WORDS | TABLES
    counted = [token.type for token in tokens]
    assert (counted.count("td_open"), counted.count("th_open")) == (4, 2)


@pytest.mark.parametrize("text", HOSTILE)
def test_every_block_shows_what_is_hostile(text: str) -> None:
    kinds, _ = parsed([Heading(f"x {text}"), Text((text, f"x {text}"), listed=True)])
    assert kinds <= WORDS | LISTS | {"heading_open", "heading_close"}
    kinds, tokens = parsed([Figure("f", lambda: None, text, text)])
    assert kinds <= WORDS | {"image"}
    [image] = [token for token in tokens if token.type == "image"]
    assert image.attrs["src"] == "f.svg"
    _, tokens = parsed([Code(f"x\n{text}\ny")])
    assert [token.type for token in tokens] == ["fence"]
    _, tokens = parsed([Details(text, (Text((text,)),))])
    made = "".join(token.content for token in tokens if token.type in ("html_block", "html_inline"))
    assert re.findall(r"</?[^>]*>", made) == ["<details>", "<summary>", "</summary>", "</details>"]


def hostile_records(text: str) -> list[Record]:
    """A suite whose every text is hostile: model, weights, reason, flag, suite, task."""
    name = f"mine/{text}"
    failed = replace(cost("resnet18", 20.0, status=Status.FAILED, reason=text, threads=2), suite=text)
    flagged = cost("resnet18", 20.0, flags=(text,))
    regimes = [transfer("resnet18", strategy, 0.8, task=f"task {text}") for strategy in ("full", "classifier")]
    named = [replace(r, trial=replace(r.trial, model=name, weights=text)) for r in (failed, flagged, *regimes)]
    return [*named, *a_suite()]


@pytest.mark.parametrize("text", ["<script>a(1)</script> ![x](y) | `|` \n\n# z", "`<!--` \u202e **[x](y)\r- z"])
def test_a_whole_page_of_hostile_names_is_the_zoos_own_markup(text: str) -> None:
    whole = Results(hostile_records(text)).to_markdown()
    tokens = list(every(GITHUB.parse(whole)))
    kinds = {token.type for token in tokens}
    own = {"heading_open", "heading_close", "image", "fence", "html_block"}
    assert kinds <= WORDS | TABLES | LISTS | own
    assert {token.content.strip() for token in tokens if token.type == "html_block"} == {
        "<details><summary>Effort: parameters trained and seconds taken</summary>", "</details>",
    }  # fmt: skip
    assert {token.attrs["src"] for token in tokens if token.type == "image"} == {
        "frontier.svg",
        "regimes.svg",
        "slope.svg",
    }
    assert "\u202e" not in whole
    screen = "".join(repr(Results(hostile_records(text))))
    assert not set("\u202e\r\x1b") & set(screen)


def test_the_zoos_own_marks_stay() -> None:
    assert escaped("Take **a_b (x)**; `zoo run | x` at ±2% [1.0, 2.0]") == (
        "Take **a_b (x)**; `zoo run | x` at ±2% [1.0, 2.0]"
    )
    assert escaped("`a|b`", cell=True) == "`a\\|b`"
    assert render(Table("", "", ("a", "b"), (("x|y", "3.1~"),)), "md").splitlines()[2] == "| x\\|y | 3.1\\~ |"

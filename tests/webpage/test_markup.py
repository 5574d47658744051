"""Blocks as HTML: marks are tags, all else is text, long tables are folded."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoo.formats.blocks import Code, Details, Figure, Heading, Text
from zoo.formats.table import Table
from zoo.webpage.markup import LONG, Markup, marked, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Take **resnet18** — `best` & <first>",
            "Take <strong>resnet18</strong> — <code>best</code> &amp; &lt;first&gt;",
        ),
        ("`<b>` in **`code`**", "<code>&lt;b&gt;</code> in **<code>code</code>**"),
        ("2 ** 3 and `open", "2 ** 3 and `open"),
        ("**<i>**", "<strong>&lt;i&gt;</strong>"),
        ("a\nb\u202ec", "a b\N{REPLACEMENT CHARACTER}c"),
    ],
)
def test_the_two_marks_are_tags_and_nothing_else_is(text: str, shown: str) -> None:
    assert marked(text) == shown


def test_an_attribute_is_not_ended_by_what_is_in_it() -> None:
    assert plain("\"><b 'x'>") == "&quot;&gt;&lt;b &#x27;x&#x27;&gt;"


def test_every_block_is_written(tmp_path: Path) -> None:
    (tmp_path / "dots.svg").write_text("<svg><script>1</script></svg>")
    markup = Markup(tmp_path)
    table = Table("Times", "All at `batch 1`.", ("model", "ms ↓"), (("a|b", "1.5"), ("c", "n/a")))
    text = markup.written(
        [
            Heading("First"), Text(("one", "two"), listed=True), Code("zoo run a\n<b>"), Heading("Part", 3), table,
            Figure("dots", lambda: None, 'dots "here"', "**A** caption."), Details("More", (Text(("hidden",)),)),
            Heading("Second"),
        ]
    )  # fmt: skip
    assert markup.headings == [("section-1", "First"), ("section-2", "Second")]
    assert '<h2 id="section-1">First</h2>' in text
    assert "<h3>Part</h3>" in text
    assert "<ul><li>one</li><li>two</li></ul>" in text
    assert "<code>zoo run a\n&lt;b&gt;</code>" in text
    assert '<th scope="row" class="left">a|b</th><td class="right">1.5</td>' in text
    assert "<caption>All at <code>batch 1</code>.</caption>" in text
    assert 'alt="dots &quot;here&quot;"' in text
    assert "<script>1" not in text
    assert "<figcaption><strong>A</strong> caption.</figcaption>" in text
    assert "<details><summary>More</summary>\n<p>hidden</p>\n</details>" in text


def test_a_long_table_is_folded(tmp_path: Path) -> None:
    rows = tuple((f"model{place}", "1") for place in range(LONG))
    long, short = (Markup(tmp_path).written([Table("T", "", ("m", "n"), rows[:end])]) for end in (LONG, LONG - 1))
    assert f"<summary>T: {LONG} rows</summary>" in long
    assert "<summary>" not in short

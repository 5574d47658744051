"""What a notebook shows: HTML of results, specs and choices, in which nothing but the zoo's own is markup."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

import zoo
from tests.results.planted import a_suite, cost, transfer
from zoo.errors import ZooError
from zoo.report.printed import printed

RESULTS = zoo.Results(a_suite())
HOSTILE = "<script>alert(1)</script>"


def text_of(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_results_show_the_tables_of_the_command() -> None:
    shown = RESULTS._repr_html_()
    assert shown.startswith(f"<p>{repr(RESULTS).partition(chr(10))[0]}</p><h3>Latency, batch 1, cpu</h3>")
    titles = re.findall(r"^### (.+)$", printed(RESULTS, "md"), re.MULTILINE)
    assert re.findall(r"<h3>(.+?)</h3>", shown) == titles
    assert shown.count("<table>") == len(titles) == 4
    for cell in ("torchvision/resnet18.random", "21.089 [21.005, 21.202]", "RuntimeError: planted"):
        assert cell in text_of(shown)


def test_results_without_one_table_show_a_line() -> None:
    assert zoo.Results([])._repr_html_() == "<pre>Results: 0 records</pre>"
    two = zoo.Results([cost("resnet18", 20.0), cost("resnet18", 20.0, machine="m2")])
    assert "of 2 machines" in two._repr_html_()


def test_a_choice_shows_what_is_taken_and_how_sure_that_is() -> None:
    choice = zoo.choose(RESULTS)
    shown = choice._repr_html_()
    assert choice.chosen is not None
    assert shown.startswith("<p><strong>torchvision/resnet18.letters-am: accuracy 0.810")
    assert "Better by 10.0 points [7.5, 12.5] in pairs, resolved, than the next" in text_of(shown)
    assert html.escape(choice.python_line) in shown
    nothing = zoo.choose(RESULTS, limits={"min_accuracy": 0.99})
    assert text_of(nothing._repr_html_()).startswith("Nothing qualifies")
    priced = zoo.choose(RESULTS, max_latency_ms=10)
    assert "Without max-latency-ms 10: torchvision/resnet18.letters-am, better by" in text_of(priced._repr_html_())


def test_a_spec_shows_its_facts() -> None:
    shown = text_of(zoo.get("timm/resnet50.a1_in1k")._repr_html_())
    for fact in ("timm/resnet50.a1_in1k", "apache-2.0", "3 × 224 × 224", "25.5 M", "80.38 %"):
        assert fact in shown
    bare = text_of(zoo.get("timm/resnet50")._repr_html_())
    assert "timm/resnet50" in bare


def test_a_hostile_text_is_text() -> None:
    record = cost("resnet18", 20.0)
    record = replace(record, outcome=replace(record.outcome, flags=(HOSTILE,)))
    results = zoo.Results([record, transfer("resnet18", "full", 0.8)])
    spec = replace(zoo.get("resnet18"), licence=HOSTILE)
    for shown in (results._repr_html_(), zoo.choose(results)._repr_html_(), spec._repr_html_()):
        assert "<script" not in shown
    assert html.escape(HOSTILE) in results._repr_html_()
    assert html.escape(HOSTILE) in spec._repr_html_()


def test_a_plot_is_the_charts_of_the_frontier() -> None:
    drawn = RESULTS.plot().to_dict()
    assert "resnet18 (full)" in str(drawn)
    with pytest.raises(ZooError, match="nothing to plot"):
        zoo.Results([transfer("resnet18", "full", 0.8)]).plot()

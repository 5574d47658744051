"""What commands and reports say of random stores is true, sentence by sentence."""

from __future__ import annotations

import html
import random
import re

import pytest

from tests.report.comparisons import read_comparison
from tests.report.facts import Facts
from tests.report.sentences import Place, UntrueError, read, read_page
from tests.report.stores import other_run, store
from zoo.api.results import Results
from zoo.choice.choice import choose
from zoo.choice.limits import Limits
from zoo.compare.compare import compare
from zoo.errors import ZooError
from zoo.report.printed import printed

ESCAPED = re.compile(r"\\([^\w\s])")
"""What Markdown takes for the character itself; how it is written is held by tests of the format."""

STORES = 200
PART = 50


def machines(seed: int) -> list[Results]:
    found = Results(store(seed))
    return [Results(found.on(machine).records) for machine in sorted(found.machines())]


def plain(markdown: str) -> str:
    """The text that a reader of Markdown sees."""
    return html.unescape(ESCAPED.sub(r"\1", markdown))


def page_is_true(results: Results) -> None:
    read_page(plain(results.to_markdown()), Facts(results.records))


def print_is_true(results: Results) -> None:
    """A command's tables, as Markdown; on a screen that is wide enough for all columns each number stands too."""
    text = plain(printed(results, "md"))
    read_page(text, Facts(results.records))
    told = set(re.findall(r"[\d.]+", printed(results)))
    assert set(re.findall(r"[\d.]+", text)) <= told


def choice_is_true(results: Results, seed: int) -> None:
    draw = random.Random(seed)
    bounds: dict[str, float] = {}
    if draw.random() < 0.5:
        bounds |= {"max-latency-ms": round(draw.uniform(5, 150), 1)}
    if draw.random() < 0.3:
        bounds |= {"min-accuracy": round(draw.uniform(0.2, 0.95), 2)}
    limits = Limits(**{name.replace("-", "_"): bound for name, bound in bounds.items()})
    place = Place(Facts(results.records))
    place.bounds, place.at_report = bounds, False
    lines = re.sub(r"\n  +", " ", choose(results, limits=limits).to_text()).splitlines()
    for line in lines:
        read(line, place)


def comparison_is_true(results: Results, seed: int) -> None:
    other = Results(other_run(list(results.records), seed))
    common = {record.trial.key for record in results.records if record.trial.kind != "published"}
    if not common & {record.trial.key for record in other.records}:
        with pytest.raises(ZooError, match="share no trial"):
            compare(results, other)
        return
    read_comparison(compare(results, other), results, other)


@pytest.mark.parametrize("first", range(0, STORES, PART))
def test_every_sentence_of_random_stores_is_true(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    untrue = []
    for seed in range(first, first + PART):
        for results in machines(seed):
            for check in (
                lambda results=results: page_is_true(results),
                lambda results=results: print_is_true(results),
                lambda results=results, seed=seed: choice_is_true(results, seed),
                lambda results=results, seed=seed: comparison_is_true(results, seed),
            ):
                try:
                    check()
                except UntrueError as error:
                    untrue.append(f"store {seed}: {error}")
    assert untrue == []

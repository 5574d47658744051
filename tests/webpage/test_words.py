"""What the page says of a choice is what the report says, where both say it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.results.planted import cost, transfer
from tests.webpage.script import run
from tests.webpage.test_rule import bounds, candidates
from zoo.candidates.candidates import find_candidates
from zoo.candidates.quantities import limited_quantities
from zoo.choice.certainty import SHOWN, certainty
from zoo.choice.choice import choose_from
from zoo.choice.description import describe, name_of
from zoo.choice.gap import settling
from zoo.choice.limits import Limits
from zoo.choice.margins import Margins
from zoo.choice.verdict import verdict
from zoo.results.view import Results
from zoo.statistics.measurement import Measurement
from zoo.webpage.data import page_data

if TYPE_CHECKING:
    from zoo.candidates.candidate import Candidate
    from zoo.choice.decision import Decision

SCRIPT = """asked.map(one => {
    const found = rule.decide(data, one.objective, one.limits, one.margins);
    return [words.headline(data, one, found).join(""), words.reasons(data, one, found), words.standings(data, found)];
})"""


def said(data: dict[str, Any], objective: str, limits: Limits, margins: Margins) -> tuple[str, list[str], list[str]]:
    asked = {"bounds": limits.bounds, "licences": []}, {"points": margins.points, "share": margins.share}
    one = {"objective": objective, "limits": asked[0], "margins": asked[1]}
    headline, reasons, standings = run(SCRIPT, data=data, asked=[one])[0]
    return headline, reasons, standings


def test_sentences_on_ties_are_those_of_the_report() -> None:
    met = Counter[str]()
    for seed in range(120):
        found, basis = candidates(seed)
        if not found:
            continue
        data, draw = page_data(found, basis), random.Random(seed)
        objective = draw.choice(list(data["objectives"]))
        limits, margins = Limits(**bounds(draw, found)), Margins(draw.choice((1.0, 2.5)), draw.choice((0.05, 0.125)))
        choice = choose_from(found, basis, objective, limits, margins)
        headline, reasons, standings = said(data, objective, limits, margins)
        met["Without"] += _check_prices(choice, objective, data, reasons)
        if choice.chosen is None:
            assert headline.startswith(("Nothing qualifies.", "No "))
            continue
        place = "best" if choice.is_best else "tied with the best"
        label = {one["name"]: one["label"] for one in data["quantities"]}[objective]
        assert (
            headline
            == f"Take {describe(choice.chosen)} — {place} by {label} among {choice.ranked} within the limits."
        )
        if len(choice.ties) <= SHOWN and len(choice.untold) <= SHOWN:
            kinds = ("Tied", "Equal", "Not told apart")
            told = [sentence for sentence in certainty(choice) if sentence.startswith(kinds)]
            assert [sentence for sentence in reasons if sentence.startswith(kinds)] == told
            met.update(sentence.split(" ")[0] for sentence in told)
        unproven = [sentence for sentence in reasons if "but unproven" in sentence]
        assert len(unproven) == bool(choice.unproven)
        for one in choice.unproven[:SHOWN]:
            found_gap = choice.gaps[one.model]
            would = settling(choice.best, one, objective, found_gap)
            assert f"{name_of(one)} by {found_gap.to_text()} ({would})" in unproven[0]
        assert sum(sentence.startswith("Not certain: ") for sentence in reasons) >= bool(choice.doubts)
        names = [name_of(one) for one in found]
        assert standings[names.index(name_of(choice.chosen))] == "taken"
        assert standings.count("behind") == len([one for one in choice.behind if one is not choice.chosen])
    assert all(met[kind] for kind in ("Tied", "Not", "Without")), met


def _check_prices(choice: Decision, objective: str, data: dict[str, Any], reasons: list[str]) -> int:
    """What is said of limits names those that cost something, and what would be taken without each."""
    labels = {one["name"]: one["label"] for one in data["quantities"]}
    models = {one["name"]: one for one in data["models"]}

    def text(one: Candidate) -> str:
        return str(models[name_of(one)]["values"][objective]["text"])

    wanted = set()
    for one in choice.prices:
        (name,) = (name for name in labels if limited_quantities()[name].limit_shown == one.limit.split(" ")[0])
        before = (
            " would qualify"
            if choice.chosen is None
            else (f", {labels[objective]} {text(one.candidate)} in place of {text(choice.chosen)}")
        )
        wanted.add(f"Without the limit on {labels[name]}: {name_of(one.candidate)}{before}.")
    assert {sentence for sentence in reasons if sentence.startswith("Without")} == wanted
    return len(wanted)


def test_what_is_counted_or_published_alike_is_equal() -> None:
    found, basis = find_candidates(Results([cost("resnet18", 20.0), cost("vgg16", 90.0), cost("alexnet", 20.0)]))
    found = [replace(one, accuracy=Measurement(0.7, "fraction"), is_stated=True) for one in found]
    for objective, limits in (("accuracy", Limits()), ("accuracy", Limits(max_latency_ms=30))):
        told = [one for one in certainty(choose_from(found, basis, objective, limits)) if one.startswith("Equal")]
        assert len(told) == 1
        assert said(page_data(found, basis), objective, limits, Margins())[1] == told


def test_what_no_backbone_is_needed_for_is_not_recommended() -> None:
    records = [cost("resnet18", 20.0), cost("vgg16", 90.0)]
    records += [transfer("resnet18", "full", 0.3, seed=seed) for seed in range(3)]
    records += [transfer("", "pixels", 0.55, seed=seed) for seed in range(3)]
    results = Results(records)
    data = page_data(*find_candidates(results))
    headline, reasons, standings = said(data, "accuracy", Limits(), Margins())
    told = verdict(results).replace("**", "")
    assert told.startswith(headline.partition(" among")[0])
    assert headline.endswith("but below raw pixels.")
    assert reasons[0] in told
    assert standings == ["taken", "not ranked"]
    headline, reasons, standings = said(data, "accuracy", Limits(max_latency_ms=10.0), Margins())
    assert (headline, reasons) == (
        "Nothing qualifies.",
        [
            "Nearest miss: torchvision/resnet18.letters-am, beyond latency.",
            "Without the limit on latency: torchvision/resnet18.letters-am would qualify.",
        ],
    )
    assert standings == ["beyond latency", "beyond latency"]
    headline, reasons, _ = said(data, "accuracy", Limits(min_accuracy=0.31), Margins())
    assert headline == "Nothing qualifies."
    assert said(data, "accuracy", Limits(min_accuracy=0.29), Margins())[1][-1] == (
        "Not certain: accuracy may by its interval be beyond the limit."
    )

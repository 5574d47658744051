"""Flags, and that an interval is wider than was aimed at, go with a number wherever it is said."""

from __future__ import annotations

from dataclasses import replace

from tests.results.planted import cost, transfer
from zoo.choice.choice import choose
from zoo.choice.verdict import verdict
from zoo.outcome import Status
from zoo.results.view import Results

DOUBTED = cost("resnet18", 20.0, spread=0.6, status=Status.UNCONVERGED, reason="±58%", flags=("cpu pressure 98%",))


def test_marks_are_in_the_choice_the_headline_and_json() -> None:
    results = Results([DOUBTED, cost("vgg16", 900.0)])
    choice = choose(results, "latency")
    marked = "ms (±63%, unconverged, flagged: cpu pressure 98%)"
    assert marked in " ".join(choice.to_text().split())
    assert marked in verdict(results)
    shown = choice.to_dict()
    assert shown["chosen"]["marks"] == {"latency": {"unconverged": True, "flags": ["cpu pressure 98%"]}}
    assert shown["runners_up"][0]["marks"] == {}


def test_runners_up_have_their_marks_too() -> None:
    results = Results([cost("alexnet", 1.0), DOUBTED])
    choice = choose(results, "latency")
    assert "unconverged, flagged: cpu pressure 98%" in " ".join(choice.to_text().split("Runner-up:")[1].split())
    assert "unconverged, flagged: cpu pressure 98%" in verdict(results)


def test_flags_of_an_accuracy_stand_with_it() -> None:
    record = transfer("resnet18", "full", 0.8)
    results = Results([replace(record, outcome=replace(record.outcome, flags=("diverged twice",)))])
    assert "(full, flagged: diverged twice)" in " ".join(choose(results).to_text().split())

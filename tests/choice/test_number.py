"""Flags, and that an interval is wider than was aimed at, go with a number wherever it is said."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.results.planted import cost, transfer
from zoo.choice.choice import choose
from zoo.choice.limits import Limits
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


def test_a_model_that_a_limit_excludes_has_its_marks_there_too() -> None:
    """Else a measurement under load throws a model out, and nothing says that it may have been within."""
    results = Results([DOUBTED, cost("vgg16", 18.0), cost("alexnet", 90.0)])
    choice = choose(results, "latency", Limits(max_latency_ms=25))
    assert choice.chosen is not None
    assert choice.chosen.model == "torchvision/vgg16"
    text = " ".join(choice.to_text().split())
    assert "Excluded: torchvision/resnet18, beyond max-latency-ms 25 (has 33.65, its interval reaches 20.5" in text
    assert ", ±63%, unconverged, flagged: cpu pressure 98%)." in text
    assert re.search(r"Excluded: torchvision/alexnet, beyond max-latency-ms 25 \(has [\d.]+\)\.", text)
    marked = {candidate["model"]: broken[0]["doubts"] for candidate, broken in choice.to_dict()["excluded"]}
    assert marked["torchvision/resnet18"][1:] == ("±63%", "unconverged", "flagged: cpu pressure 98%")
    assert marked["torchvision/alexnet"] == ()


def test_a_throughput_has_its_marks_as_a_latency_has() -> None:
    loaded = cost(
        "resnet18", 20.0, metric="throughput", batch=8, spread=0.6, status=Status.UNCONVERGED, reason="±58%"
    )
    choice = choose(Results([loaded, cost("vgg16", 900.0, metric="throughput", batch=8)]), "throughput")
    assert "images/s (±54%, unconverged)" in " ".join(choice.to_text().split())

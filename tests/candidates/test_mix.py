"""Weighted mixes: what they are worth, who is taken, and what is refused."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from tests.results.planted import cost, transfer
from zoo.candidates.candidates import find_candidates
from zoo.choice.choice import choose
from zoo.choice.gap import gap
from zoo.choice.margins import Margins
from zoo.cli.main import main
from zoo.errors import ZooError
from zoo.results.jsonl import write_jsonl
from zoo.results.record import Record
from zoo.results.view import Results

MODELS = ("alexnet", "vgg16", "resnet18", "squeezenet1_0", "mobilenet_v2")


def records(seed: int) -> list[Record]:
    draw = random.Random(seed)
    found = []
    for model in MODELS:
        found.append(cost(model, draw.uniform(5, 50)))
        accuracy = draw.uniform(0.4, 0.9)
        found += [transfer(model, "full", accuracy, seed=one) for one in range(3)]
    return found


@pytest.mark.parametrize("seed", range(20))
def test_who_is_taken_is_worth_most(seed: int) -> None:
    draw = random.Random(seed)
    accuracy, latency, size = draw.uniform(0.5, 2), draw.uniform(0.01, 1), draw.uniform(0.01, 0.5)
    results = Results(records(seed))
    candidates, _ = find_candidates(results)
    worth = {
        one.model: 100 * accuracy * one.accuracy.value - 100 * latency * math.log(one.costs["latency"].value)
        - 100 * size * math.log(one.params)
        for one in candidates
        if one.accuracy and one.params
    }  # fmt: skip
    mix = f"accuracy:{accuracy},latency:{latency},params:{size}"
    choice = choose(results, mix, margins=Margins(points=0))
    assert choice.best is choice.chosen
    assert choice.chosen is not None
    value = choice.chosen.value(mix)
    assert value is not None
    assert value.value == pytest.approx(worth[choice.chosen.model])
    assert worth[choice.chosen.model] == pytest.approx(max(worth.values()))
    for other, found in choice.gaps.items():
        assert 100 * found.value == pytest.approx(worth[choice.chosen.model] - worth[other], abs=0.2)
        assert found.paired


def test_the_halves_of_a_gap_add_in_squares() -> None:
    (a, b, *_), _ = find_candidates(Results(records(3)))
    mix, of_accuracy, of_latency = (gap(a, b, name) for name in ("accuracy:1,latency:0.1", "accuracy", "latency"))
    assert of_accuracy.low is not None
    assert of_latency.low is not None
    below = of_accuracy.value - of_accuracy.low
    also_below = 0.1 * (math.log1p(of_latency.value) - math.log1p(of_latency.low))
    assert mix.value == pytest.approx(of_accuracy.value + 0.1 * math.log1p(of_latency.value))
    assert mix.value - (mix.low or 0) == pytest.approx(math.hypot(below, also_below))


def test_what_lacks_a_part_is_not_ranked() -> None:
    choice = choose(Results([*records(1), cost("googlenet", 10.0)]), "accuracy:1,latency:0.1")
    assert [one.model for one in choice.unranked] == ["torchvision/googlenet"]
    assert "Not ranked, without a measured accuracy:1,latency:0.1" in " ".join(choice.to_text().split())


def test_one_seed_proves_no_mix() -> None:
    some = [
        cost("resnet18", 20.0),
        cost("vgg16", 90.0),
        transfer("resnet18", "full", 0.8),
        transfer("vgg16", "full", 0.5),
    ]
    choice = choose(Results(some), "accuracy:1,latency:0.1")
    assert [one.model for one in choice.unproven] == ["torchvision/vgg16"]
    assert "unproven (more seeds and rounds of its parts would tell)" in " ".join(choice.to_text().split())


@pytest.mark.parametrize(
    ("mix", "expected"),
    [
        ("accuracy:1,speed:2", "unknown objective 'speed'"),
        ("accuracy:1,latency:0", "each weight above 0; 'latency:0' is none"),
        ("accuracy:1,latency:-1", "each weight above 0; 'latency:-1' is none"),
        ("accuracy:1,latency", "each weight above 0; 'latency' is none"),
        ("accuracy:a", "each weight above 0; 'accuracy:a' is none"),
        ("accuracy:1,accuracy:2", "accuracy stands twice in 'accuracy:1,accuracy:2'"),
        ("accuracy:nan", "each weight above 0; 'accuracy:nan' is none"),
    ],
)
def test_what_is_no_mix_is_refused(mix: str, expected: str) -> None:
    with pytest.raises(ZooError, match=r"[a-z]") as caught:
        choose(Results(records(0)), mix)
    assert expected in str(caught.value)


def test_the_command_takes_a_mix(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    write_jsonl(records(2), file)
    with pytest.raises(SystemExit) as caught:
        main(["choose", "--from", str(file), "--objective", "accuracy:1, latency:0.1"])
    shown = capsys.readouterr()
    assert caught.value.code == 0, shown.err
    assert "accuracy:1, latency:0.1 among 5" in shown.out

"""What is no better than raw pixels or the most frequent class is said so, and what is below is not recommended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.results.planted import transfer
from zoo.candidates.floor import Floor
from zoo.choice.choice import choose
from zoo.choice.verdict import verdict
from zoo.results.record import Record
from zoo.results.view import Results
from zoo.statistics.measurement import Measurement


def trained(accuracy: float, pixels: float | None = None, **notes: object) -> Results:
    """A model's accuracy, and that of pixels, with what the records note."""
    records = [transfer("resnet18", "full", accuracy)]
    records += [] if pixels is None else [transfer("", "pixels", pixels)]
    return Results(noted(record, **notes) for record in records)


def noted(record: Record, **notes: object) -> Record:
    return replace(record, outcome=replace(record.outcome, notes={**record.outcome.notes, **notes}))


def test_below_raw_pixels_is_not_recommended() -> None:
    results = trained(0.50, 0.55)
    assert choose(results).to_text().startswith("Choice, below raw pixels: torchvision/resnet18")
    assert "Its accuracy is below raw pixels (0.550 [0.481, 0.617])." in verdict(results)
    assert verdict(results).startswith("Not recommended: ")
    assert "Take" not in verdict(results)
    (short,) = choose(results).to_dict()["shortfalls"]
    assert (short["of"], short["below"]) == ("raw pixels", True)


def test_above_raw_pixels_but_within_the_intervals_is_said() -> None:
    results = trained(0.60, 0.55)
    text = " ".join(choose(results).to_text().split())
    assert "Mind: its accuracy is by its interval no better than raw pixels (0.550 [0.481, 0.617])" in text
    assert "no better than raw pixels" in verdict(results)
    assert verdict(results).startswith("Take ")


def test_noise_with_a_large_class_is_no_better_than_naming_it() -> None:
    """190 and 10 images: 0.96 is what naming the first class gives, by the interval."""
    results = trained(0.96, majority=0.95)
    assert "no better than the most frequent class (0.950)" in verdict(results)
    assert "no better than the most frequent class" in " ".join(choose(results).to_text().split())
    assert choose(results).to_dict()["basis"]["majority"] == 0.95
    below = trained(0.90, majority=0.95)
    assert choose(below).to_text().startswith("Choice, below the most frequent class: ")


def test_what_is_clearly_better_has_no_word_of_it() -> None:
    for results in (trained(0.9, 0.55, majority=0.3), trained(0.9)):
        assert choose(results).shortfalls == ()
        assert "Mind" not in choose(results).to_text()
        assert verdict(results).startswith("Take ")


def test_pixels_of_another_cell_are_not_held_against_it() -> None:
    for other in ({"task": "letters", "task_digest": "e"}, {"shots": 5}):
        results = Results([transfer("resnet18", "full", 0.5), transfer("", "pixels", 0.9, **other)])
        assert choose(results).shortfalls == ()


def test_what_is_to_be_known_of_the_task_stands_with_the_choice() -> None:
    results = trained(0.9, task_health=["12 images are in both parts"])
    assert "Mind the task: 12 images are in both parts." in choose(results).to_text()


@pytest.mark.parametrize(("value", "low", "high"), [(0.7, None, None), (0.62, 0.55, 0.69)])
def test_an_accuracy_that_no_interval_tells_from_pixels_is_not_below_them(
    value: float, low: float | None, high: float | None
) -> None:
    floor = Floor(pixels=Measurement(0.55, "fraction", 0.5, 0.6, 200))
    (short,) = floor.shortfalls(Measurement(value, "fraction", low, high))
    assert not short.below

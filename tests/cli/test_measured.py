"""Lines of a model's card say what makes their numbers doubtful."""

from __future__ import annotations

from dataclasses import replace

from tests.results.planted import cost, transfer
from zoo.cli.measured import measured_lines
from zoo.outcome import Status
from zoo.results.view import Results


def test_marks_stand_on_the_card() -> None:
    loaded = cost("resnet18", 33.0, spread=0.6, status=Status.UNCONVERGED, reason="±63%")
    loaded = replace(loaded, outcome=replace(loaded.outcome, flags=("cpu pressure 98%",)))
    trained = transfer("resnet18", "full", 0.8)
    trained = replace(trained, outcome=replace(trained.outcome, flags=("diverged twice",)))
    first, second = measured_lines(Results([loaded, trained]))
    assert first.endswith("] ms (±63%, unconverged, flagged: cpu pressure 98%)")
    assert second.endswith("] % (flagged: diverged twice)")


def test_what_is_sound_has_no_word_beside_it() -> None:
    [line] = measured_lines(Results([cost("resnet18", 20.0)]))
    assert line.endswith("] ms")

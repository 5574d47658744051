"""The sentence on a cell: what to take, by how much it is ahead, and how sure that is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.results.planted import transfer
from zoo.advice.rule import cells
from zoo.report.sections.advised import advised_lines
from zoo.results.view import Results

NAME = "torchvision/resnet18.letters-am"


def said(accuracies: dict[str, float], seeds: int = 1, flag: str = "", **changes: Any) -> str:
    """What is said of the one cell of some accuracies."""
    records = [
        transfer("resnet18", strategy, accuracy, seed=seed, **changes)
        for strategy, accuracy in accuracies.items()
        for seed in range(seeds)
    ]
    if flag:
        records = [
            replace(r, outcome=replace(r.outcome, flags=(flag,))) if r.trial.transfer.strategy == "full" else r
            for r in records
        ]
    results = Results(records)
    [line] = advised_lines(cells(results), results)
    return line


TIED = "take classifier, the simpler of two that are not told apart; "
AHEAD = "take full, the better of two that are not told apart; it is "
NOTHING = "nothing shows that these weights are worth their cost here; "


@pytest.mark.parametrize(
    ("accuracies", "seeds", "first", "ahead", "known"),
    [
        ((0.7, 0.9), 3, "take full; it is 20.0 [", "classifier", "is resolved"),
        ((0.9, 0.7), 1, "take classifier; it is 20.0 [", "full", "is resolved"),
        ((0.8, 0.805), 1, f"{TIED}full is 0.5 [", "classifier", "one seed leaves open"),
        ((0.8, 0.815), 1, f"{AHEAD}1.5 [", "classifier", "one seed leaves open"),
        ((0.815, 0.8), 1, f"{TIED}classifier is 1.5 [", "full", "one seed leaves open"),
        ((0.8, 0.8), 3, f"{TIED}classifier is 0.0 ", "full", "is equal within a point"),
        ((0.7, 0.6, 0.9), 3, f"{NOTHING}pixels (control) is 20.0 [", "classifier", "is resolved"),
        ((0.7, 0.6, 0.695), 1, f"{NOTHING}classifier is 0.5 [", "pixels (control)", "one seed leaves open"),
        ((0.9, 0.6, 0.7), 3, "take classifier; it is 20.0 [", "pixels (control)", "is resolved"),
    ],
)
def test_what_is_taken_and_how_sure_that_is(
    accuracies: tuple[float, ...], seeds: int, first: str, ahead: str, known: str
) -> None:
    line = said(dict(zip(("classifier", "full", "pixels"), accuracies, strict=False)), seeds)
    assert line.startswith(f"{NAME} on digits, 10 images a class: {first}")
    assert line.endswith(f" points ahead of {ahead}, which {known}.")


def test_all_images_and_trainings_that_were_cut_short_are_said() -> None:
    line = said({"classifier": 0.9, "full": 0.7}, shots="all", flag="cut short at a training loss of 0.71")
    assert line.startswith(f"{NAME} on digits, all images: take classifier; it is ")
    assert line.endswith("which is resolved (full was cut short: more steps may change it).")

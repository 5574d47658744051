"""The rule is judged alike for both sides, and says nothing where similarity is unknown or near the line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.results.planted import transfer
from zoo.report.sections.rule import Cell, cells
from zoo.results.record import Record
from zoo.results.view import Results
from zoo.statistics.intervals import wilson_interval
from zoo.statistics.measurement import Measurement

MODEL = "torchvision/resnet18"


def regime(rng: np.random.Generator, strategy: str, truth: float, shots: int, task: str = "digits") -> list[Record]:
    """Three seeds whose images are right by chance so often."""
    found = []
    for seed in range(3):
        record = transfer(MODEL, strategy, truth, seed=seed, shots=shots, task=task)
        right = (rng.random(200) < truth).astype(int).tolist()
        share = sum(right) / len(right)
        accuracy = Measurement(share, "fraction", *wilson_interval(sum(right), len(right)), len(right))
        outcome = replace(
            record.outcome, metrics=dict(record.outcome.metrics) | {"accuracy": accuracy}, samples={"correct": right}
        )
        found.append(replace(record, outcome=outcome))
    return found


def judged(frozen: float, tuned: float, *, control: float | None = 0.1, shots: int = 50, number: int = 0) -> Cell:
    rng = np.random.default_rng(number)
    records = regime(rng, "classifier", frozen, shots) + regime(rng, "full", tuned, shots)
    if control is not None:
        records += regime(rng, "random_features", control, shots)
    (cell,) = cells(Results(records))
    return cell


def test_neither_side_is_favoured_where_both_are_equally_good() -> None:
    found = [judged(0.6, 0.6, number=number).supported for number in range(150)]
    assert found.count("full") <= 8
    assert found.count("classifier") <= 8
    assert abs(found.count("full") - found.count("classifier")) <= 6


@pytest.mark.parametrize(("frozen", "tuned", "supported"), [(0.5, 0.9, "full"), (0.9, 0.5, "classifier")])
def test_what_is_clearly_better_is_supported(frozen: float, tuned: float, supported: str) -> None:
    assert judged(frozen, tuned).supported == supported


def test_what_one_table_of_many_cells_resolves_by_chance_stays_open() -> None:
    number = next(n for n in range(500) if 0.01 < _p(judged(0.6, 0.6, number=n)) < 0.05)
    assert judged(0.6, 0.6, number=number).supported != "unresolved"
    rng = np.random.default_rng(number)
    records = regime(rng, "classifier", 0.6, 50) + regime(rng, "full", 0.6, 50)
    for task in ("letters-nz", "gratings", "photographs", "other", "another"):
        records += regime(rng, "classifier", 0.6, 50, task) + regime(rng, "full", 0.6, 50, task)
    assert next(cell.supported for cell in cells(Results(records))) == "unresolved"


def _p(cell: Cell) -> float:
    assert cell.full_over_classifier is not None
    return cell.full_over_classifier.p


@pytest.mark.parametrize(
    ("frozen", "control", "shots", "course", "cs231n"),
    [
        (0.9, 0.1, 50, "classifier", "full"),
        (0.12, 0.1, 50, "full", "full"),
        (0.34, 0.1, 50, "between", "full"),
        (0.9, None, 50, "not known", "full"),
        (0.9, 0.1, 5, "classifier", "classifier"),
        (0.12, 0.1, 5, "classifier", "earlier layers"),
        (0.9, None, 5, "classifier", "not known"),
    ],
)
def test_each_rule_says_what_it_can(
    frozen: float, control: float | None, shots: int, course: str, cs231n: str
) -> None:
    cell = judged(frozen, 0.9, control=control, shots=shots)
    assert (cell.course, cell.cs231n) == (course, cs231n)
    assert cell.held("between") == cell.held("not known") == "no advice"

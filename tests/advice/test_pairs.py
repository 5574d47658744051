"""Strategies are held together seed by seed, and what one seed stands for is paired with all."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest

from tests.results.planted import transfer
from zoo.advice.best import bests
from zoo.advice.pairs import difference, in_pairs, judged
from zoo.results.rows import TransferRow, transfer_row
from zoo.statistics.comparison import paired_difference
from zoo.statistics.measurement import Measurement


def row(strategy: str, accuracies: list[float], shots: int | str = "all") -> TransferRow:
    return transfer_row(
        [transfer("resnet18", strategy, x, seed=seed, shots=shots) for seed, x in enumerate(accuracies)]
    )


def test_one_probe_of_all_images_stands_beside_every_seed_of_a_training() -> None:
    probe, tuned = row("classifier", [0.7]), row("full", [0.8, 0.9, 0.7])
    found = in_pairs(probe, tuned)
    assert found is not None
    assert found.seeds == (0, 1, 2)
    assert found.first == [probe.correct[0]] * 3
    assert found.second == tuned.correct
    assert found.difference == paired_difference([probe.correct[0]] * 3, tuned.correct)
    assert found.difference.value == pytest.approx(fmean([0.8, 0.9, 0.7]) - 0.7)
    turned = difference(tuned, probe)
    assert turned is not None
    assert turned.value == pytest.approx(-found.difference.value)


def test_two_probes_of_all_images_are_one_pair() -> None:
    found = in_pairs(row("classifier", [0.7]), row("pixels", [0.4]))
    assert found is not None
    assert found.seeds == (0,)


@pytest.mark.parametrize(
    ("first", "shots"),
    [("classifier", 10), ("random_features", "all")],
    ids=["of few images seeds differ", "a random start differs from seed to seed"],
)
def test_one_seed_of_what_differs_by_seed_is_one_pair(first: str, shots: int | str) -> None:
    found = in_pairs(row(first, [0.7], shots), row("full", [0.8, 0.9], shots))
    assert found is not None
    assert found.seeds == (0,)


def test_rows_without_a_common_seed_or_with_other_images_are_no_pairs() -> None:
    a = transfer_row([transfer("resnet18", "classifier", 0.7, seed=0)])
    b = transfer_row([transfer("resnet18", "full", 0.7, seed=1)])
    assert in_pairs(a, b) is None
    assert difference(a, b) is None


def unequal(strategy: str, of_many: float, of_few: float, labelled: bool = True) -> TransferRow:
    """Right so often of 150 images of one class and of 50 of another, in two seeds."""
    rng = np.random.default_rng(len(strategy))
    found = []
    for seed in range(2):
        record = transfer("resnet18", strategy, 0.5, seed=seed, shots=10)
        right = [*(rng.random(150) < of_many).astype(int).tolist(), *(rng.random(50) < of_few).astype(int).tolist()]
        counts = [{"class": "many", "images": 150, "recall": 0.0}, {"class": "few", "images": 50, "recall": 0.0}]
        outcome = replace(
            record.outcome,
            metrics=dict(record.outcome.metrics) | {"accuracy": Measurement(fmean(right), "fraction", n=200)},
            samples={"correct": right, "labels": [0] * 150 + [1] * 50} if labelled else {"correct": right},
            notes={"recalls": counts} if labelled else {},
        )
        found.append(replace(record, outcome=outcome))
    return transfer_row(found)


def test_of_unequal_classes_each_counts_alike() -> None:
    """The case of defects: a strategy that gives up the small class has the higher accuracy, and is the worse one."""
    careful, careless = unequal("classifier", 0.7, 0.7), unequal("full", 0.95, 0.2)
    assert (careless.mean or 0) > (careful.mean or 0)
    found = in_pairs(careful, careless)
    assert found is not None
    recalls = [
        [fmean(fmean(seed[places]) for seed in row.correct) for places in (slice(150), slice(150, 200))]
        for row in (careful, careless)
    ]
    expected = fmean(recalls[1]) - fmean(recalls[0])
    assert expected < -0.05
    assert found.difference.value == pytest.approx(expected)
    assert fmean(map(fmean, found.differences)) == pytest.approx(expected)
    assert fmean(map(fmean, found.left_to_gain)) == pytest.approx(1 - fmean(recalls[0]))
    assert (judged(careful), judged(careless)) == (
        pytest.approx(fmean(recalls[0])),
        pytest.approx(fmean(recalls[1])),
    )
    (best,) = bests([{"classifier": careful, "full": careless}])
    assert (best.strategy, best.lead) == ("classifier", difference(careless, careful))


def test_records_without_labels_are_compared_as_they_are() -> None:
    """Those of before; where one side tells the classes of the same test images, both count so."""
    old, new = unequal("classifier", 0.7, 0.7, labelled=False), unequal("full", 0.95, 0.2, labelled=False)
    found = difference(old, new)
    assert found is not None
    assert found.value == pytest.approx((new.mean or 0) - (old.mean or 0))
    beside = difference(old, unequal("full", 0.95, 0.2))
    assert beside is not None
    assert beside.value < 0 < found.value

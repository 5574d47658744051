"""Strategies are held together seed by seed, and what one seed stands for is paired with all."""

from __future__ import annotations

from statistics import fmean

import pytest

from tests.results.planted import transfer
from zoo.advice.pairs import difference, in_pairs
from zoo.results.rows import TransferRow, transfer_row
from zoo.statistics.comparison import paired_difference


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

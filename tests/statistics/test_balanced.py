"""Balanced accuracy has an interval over seeds and images, as accuracy has."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import balanced_accuracy_score

from zoo.statistics.balanced import balanced_accuracy, balanced_over_seeds, by_class, is_imbalanced
from zoo.statistics.comparison import paired_difference
from zoo.statistics.intervals import accuracy_over_seeds

COUNTS = (150, 40, 20)
LABELS = np.repeat([0, 1, 2], COUNTS)
TRUTH = np.array([0.9, 0.7, 0.5])


def drawn(rng: np.random.Generator, seeds: int, shift: float = 0.0) -> NDArray[np.int64]:
    """Right or wrong by seed and image, each with an ease of its own."""
    ease = np.clip(TRUTH[LABELS] + shift + rng.uniform(-0.1, 0.1, len(LABELS)), 0, 1)
    luck = rng.normal(0, 0.02, (seeds, 1))
    return (rng.random((seeds, len(LABELS))) < ease + luck).astype(int)


def test_it_is_the_mean_over_seeds_of_scikit_learns() -> None:
    correct = drawn(np.random.default_rng(0), 3)
    theirs = [balanced_accuracy_score(LABELS, np.where(row, LABELS, (LABELS + 1) % 3)) for row in correct]
    found = balanced_over_seeds(correct.tolist(), LABELS.tolist())
    assert found.value == pytest.approx(np.mean(theirs))
    assert found.n == len(LABELS)
    assert by_class(correct.astype(float), LABELS).mean(axis=1) == pytest.approx(theirs)


def test_with_classes_of_one_size_it_is_the_accuracy() -> None:
    correct = np.random.default_rng(1).integers(0, 2, (3, 120))
    labels = np.repeat(np.arange(4), 30)
    assert balanced_over_seeds(correct.tolist(), labels.tolist()).value == pytest.approx(
        accuracy_over_seeds(correct.tolist()).value
    )


@pytest.mark.parametrize("seeds", [1, 3, 8])
def test_its_interval_covers_the_truth(seeds: int) -> None:
    rng = np.random.default_rng(seeds)
    covered = 0
    for _ in range(400):
        found = balanced_over_seeds(drawn(rng, seeds).tolist(), LABELS.tolist())
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= TRUTH.mean() <= found.high
    assert covered / 400 > 0.92


def test_a_class_that_is_all_right_has_a_spread_too() -> None:
    labels = [0] * 40 + [1] * 2
    found = balanced_over_seeds([[1, 0] * 20 + [1, 1], [0, 1] * 20 + [1, 1]], labels)
    assert found.low is not None
    assert found.low < 0.6
    assert found.value == 0.75


def test_the_difference_of_balanced_accuracies_is_paired_and_covers_the_truth() -> None:
    rng, covered = np.random.default_rng(4), 0
    for _ in range(300):
        a = drawn(rng, 3)
        b = np.where(LABELS == 2, (rng.random(a.shape) < 0.8), a).astype(int)
        found = paired_difference(a.tolist(), b.tolist(), labels=LABELS.tolist())
        covered += found.low <= 0.1 <= found.high
    assert covered / 300 > 0.92
    assert paired_difference(a.tolist(), b.tolist()).value < found.value  # of a class that is a tenth of the images


def test_one_seed_has_the_interval_of_its_recalls() -> None:
    correct = drawn(np.random.default_rng(2), 1)
    right = [int(correct[0][label == LABELS].sum()) for label in range(3)]
    assert balanced_over_seeds(correct.tolist(), LABELS.tolist()) == balanced_accuracy(right, COUNTS)


def test_imbalance_is_of_the_classes_that_have_images() -> None:
    assert not is_imbalanced((30, 20, 0))
    assert is_imbalanced((31, 20))
    assert not is_imbalanced(())


def test_labels_of_other_images_are_refused() -> None:
    with pytest.raises(ValueError, match="not of 2 labels"):
        balanced_over_seeds([[1, 0, 1]], [0, 1])

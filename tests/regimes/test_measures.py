"""Measures of predictions, each against scikit-learn or a slow computation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as theirs

from zoo.regimes.measures import BINS, calibration_error, measures, recalls

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 12, 400)
PROBABILITIES = RNG.dirichlet(np.ones(12), 400) + 0.8 * np.eye(12)[np.where(RNG.random(400) < 0.6, LABELS, 3)]
PROBABILITIES /= PROBABILITIES.sum(axis=1, keepdims=True)
PREDICTED = PROBABILITIES.argmax(axis=1)


def test_they_are_those_of_scikit_learn() -> None:
    found = measures(PREDICTED, LABELS, 12, PROBABILITIES)
    expected = {
        "accuracy": theirs.accuracy_score(LABELS, PREDICTED),
        "balanced_accuracy": theirs.balanced_accuracy_score(LABELS, PREDICTED),
        "macro_f1": theirs.f1_score(LABELS, PREDICTED, average="macro"),
        "log_loss": theirs.log_loss(LABELS, PROBABILITIES),
        "top5": theirs.top_k_accuracy_score(LABELS, PROBABILITIES, k=5),
    }
    assert {name: found[name].value for name in expected} == pytest.approx(expected)
    assert set(found) == {*expected, "calibration_error"}
    for name in ("accuracy", "balanced_accuracy", "log_loss", "top5"):
        low, high = found[name].low, found[name].high
        assert low is not None
        assert high is not None
        assert low < found[name].value < high


def test_the_calibration_error_is_the_mean_gap_over_bins_of_confidence() -> None:
    confidence, right = PROBABILITIES.max(axis=1), PREDICTED == LABELS
    slow = 0.0
    for place in range(BINS):
        inside = (confidence >= place / BINS) & ((confidence < (place + 1) / BINS) | (place == BINS - 1))
        if inside.any():
            slow += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    assert calibration_error(PROBABILITIES, LABELS) == pytest.approx(slow)
    assert calibration_error(np.eye(3)[[0, 1, 2]], np.array([0, 1, 2])) == 0
    assert calibration_error(np.eye(3)[[0, 1, 2]], np.array([1, 2, 0])) == 1


def test_a_class_without_test_images_counts_for_nothing() -> None:
    found = measures(np.array([0, 0, 1]), np.array([0, 0, 1]), 3)
    assert {name: one.value for name, one in found.items()} == {"accuracy": 1, "balanced_accuracy": 1, "macro_f1": 1}
    assert recalls(np.array([0, 2, 1]), np.array([0, 0, 1]), ("a", "b", "c")) == [
        {"class": "a", "images": 2, "recall": 0.5},
        {"class": "b", "images": 1, "recall": 1.0},
    ]


def test_the_interval_of_balanced_accuracy_covers_the_truth() -> None:
    rng = np.random.default_rng(1)
    counts, truth = np.array([150, 30, 12]), np.array([0.9, 0.7, 0.5])
    labels = np.repeat([0, 1, 2], counts)
    covered = 0
    for _ in range(400):
        right = rng.random(len(labels)) < truth[labels]
        one = measures(np.where(right, labels, (labels + 1) % 3), labels, 3)["balanced_accuracy"]
        assert one.low is not None
        assert one.high is not None
        covered += one.low <= truth.mean() <= one.high
    assert covered / 400 > 0.92


def test_certainty_about_what_is_wrong_is_a_finite_loss() -> None:
    found = measures(np.array([0, 1]), np.array([1, 1]), 2, np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32))
    assert math.isfinite(found["log_loss"].value)


def test_the_interval_of_macro_f1_covers_the_truth() -> None:
    rng = np.random.default_rng(2)
    counts = np.array([150, 60, 30])
    confused = np.array([[0.85, 0.1, 0.05], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6]])
    labels = np.repeat([0, 1, 2], counts)
    named = counts @ confused
    truth = (2 * counts * confused.diagonal() / (counts + named)).mean()
    covered = []
    for _ in range(400):
        predicted = (rng.random((len(labels), 1)) > confused.cumsum(axis=1)[labels]).sum(axis=1)
        one = measures(predicted, labels, 3)["macro_f1"]
        assert one.low is not None
        assert one.high is not None
        covered.append(one.low <= truth <= one.high)
    assert 0.92 < np.mean(covered) < 0.985

"""Logistic regression states the probabilities of every class, and what it reached on folds held out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from zoo.regimes.probes.logistic import probe_by_logistic_regression


def blobs(each: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], each)  # class 2 has no sample
    return torch.from_numpy(rng.normal(0, 1, (2 * each, 4)) + labels[:, None] * 1.2), torch.from_numpy(labels)


def test_probabilities_are_of_all_classes_and_keep_the_predictions() -> None:
    x, labels = blobs(12)
    probed = probe_by_logistic_regression(x, labels, x[::2], 3)
    assert probed.probabilities is not None
    assert probed.probabilities.shape == (12, 3)
    assert probed.probabilities[:, 2].max() == 0
    assert torch.equal(probed.probabilities.argmax(dim=1), probed.predictions)
    assert probed.held_out is not None
    assert probed.validation == probed.notes["cv_accuracy"]
    assert float((probed.held_out == labels).double().mean()) == pytest.approx(probed.validation, abs=0.05)


def test_of_one_sample_a_class_nothing_is_held_out() -> None:
    x, labels = blobs(1)
    probed = probe_by_logistic_regression(x, labels, x, 3)
    assert (probed.validation, probed.held_out) == (None, None)
    assert probed.probabilities is not None

"""Scores of features, each against a slow direct computation; on noise they do not reward width."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal
from sklearn.covariance import ledoit_wolf

from zoo.statistics.transferability import h_score, logme


def direct(features: np.ndarray, labels: np.ndarray, classes: int) -> float:
    """The evidence by its dense Gaussian, maximised over both precisions from several starts."""
    gram = features @ features.T
    found = []
    for index in range(classes):
        y = (labels == index).astype(float)

        def lack(logs: np.ndarray, y: np.ndarray = y) -> float:
            alpha, beta = np.exp(np.clip(logs, -30, 30))
            covariance = np.eye(len(y)) / beta + gram / alpha
            return -float(multivariate_normal(np.zeros(len(y)), covariance, allow_singular=True).logpdf(y))

        starts = [(a, b) for a in (-2.0, 3.0, 8.0) for b in (0.0, 3.0)]
        options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 5000}
        found.append(-min(minimize(lack, start, method="Nelder-Mead", options=options).fun for start in starts))
    return float(np.mean(found)) / len(labels)


@pytest.mark.parametrize("width", [3, 30, 60])
def test_logme_is_the_maximum_of_the_exact_evidence(width: int) -> None:
    rng = np.random.default_rng(width)
    labels = np.arange(30) % 3
    features = rng.normal(size=(30, width)) + 0.7 * rng.normal(size=(3, width))[labels]
    assert logme(features, labels, 3) == pytest.approx(direct(features, labels, 3), abs=1e-6)


def test_logme_of_noise_is_flat_over_width_and_of_signal_is_higher() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 10
    noise = [logme(rng.normal(size=(200, width)), labels, 10) for width in (64, 256, 1024, 2048)]
    assert max(noise) - min(noise) < 0.02
    signal = logme(rng.normal(size=(200, 64)) + rng.normal(size=(10, 64))[labels], labels, 10)
    assert signal > max(noise) + 0.1


def test_logme_depends_on_no_scale() -> None:
    rng = np.random.default_rng(1)
    labels, features = np.arange(40) % 4, rng.normal(size=(40, 12))
    assert logme(1000 * features, labels, 4) == pytest.approx(logme(features, labels, 4), abs=1e-9)


@pytest.mark.parametrize("width", [5, 80])
def test_h_score_is_the_trace_of_its_definition(width: int) -> None:
    rng = np.random.default_rng(2)
    labels = np.repeat([0, 1, 2], [10, 20, 30])
    features = rng.normal(size=(60, width)) + rng.normal(size=(3, width))[labels]
    centred = features - features.mean(axis=0)
    means = np.stack([centred[labels == label].mean(axis=0) for label in labels])  # a sample's class mean
    slow = np.trace(np.linalg.inv(ledoit_wolf(centred, assume_centered=True)[0]) @ (means.T @ means / len(means)))
    assert h_score(features, labels) == pytest.approx(slow, rel=1e-9)

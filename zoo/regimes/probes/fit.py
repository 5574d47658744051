"""A linear classifier on features: ridge with exact leave-one-out, or the published logistic regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from zoo.errors import UnknownNameError
from zoo.regimes.probes.ridge import fit_ridge_loo

if TYPE_CHECKING:
    from torch import Tensor


FOLDS = 5
PENALTIES = 12


@dataclass(frozen=True)
class Probed:
    """Predictions of a fitted probe.

    Attributes
    ----------
    predictions : Tensor
        Class indices of the test samples, (N,).
    parameters : int
        Weights and biases fitted.
    notes : dict
        Penalty chosen, and the accuracy it was chosen by, on training samples alone.
    """

    predictions: Tensor
    parameters: int
    notes: dict[str, Any]


def probe(name: str, train: Tensor, labels: Tensor, test: Tensor, num_classes: int) -> Probed:
    """Fit a probe on training features (N, D) and predict the test features (M, D)."""
    check_probe(name)
    parameters = (train.shape[1] + 1) * num_classes
    if name == "logistic":
        return _logistic(train, labels, test, parameters)
    fitted = fit_ridge_loo(train, labels, num_classes)
    notes: dict[str, Any] = {"penalty": fitted.penalty}
    notes |= {"penalty_fixed": True} if fitted.loo_accuracy is None else {"loo_accuracy": fitted.loo_accuracy}
    return Probed(fitted.predict(test), parameters, notes)


def _logistic(train: Tensor, labels: Tensor, test: Tensor, parameters: int) -> Probed:
    """L-BFGS on standardised features, the penalty by cross-validation on the training samples."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    mean, std = train.mean(0), train.std(0, correction=0).clamp_min(1e-6)
    x, y = ((train - mean) / std).numpy(), labels.numpy()
    folds = min(FOLDS, int(np.bincount(y).min()))
    grid = np.logspace(-4, 2, PENALTIES)
    best, score = 0.01, float("nan")
    if folds >= 2:
        split = StratifiedKFold(folds, shuffle=True, random_state=0)
        scores = [cross_val_score(LogisticRegression(C=c, max_iter=500), x, y, cv=split).mean() for c in grid]
        best, score = float(grid[int(np.argmax(scores))]), float(max(scores))
    fitted = LogisticRegression(C=best, max_iter=2000).fit(x, y)
    predictions = torch.from_numpy(fitted.predict(((test - mean) / std).numpy()))
    notes = {"penalty": 1 / best} | ({"cv_accuracy": score} if folds >= 2 else {})
    return Probed(predictions, parameters, notes)


PROBES = ("ridge", "logistic")
"""Linear classifiers that can be fitted on cached features; the first is the default."""


def check_probe(name: str) -> str:
    """Return ``name`` if it is one of :data:`PROBES`.

    Raises
    ------
    UnknownNameError
        With the nearest names.
    """
    if name not in PROBES:
        raise UnknownNameError("probe", name, PROBES, f"there are {', '.join(PROBES)}")
    return name

"""Logistic regression, as published linear probes are fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict, cross_val_score

from zoo.regimes.probes.base import Probed, parameter_count

if TYPE_CHECKING:
    from torch import Tensor


FOLDS = 5
PENALTIES = 12

MISSING = -20.0
"""The logit of a class without samples."""


def probe_by_logistic_regression(train: Tensor, labels: Tensor, test: Tensor, num_classes: int) -> Probed:
    """L-BFGS on standardised features, its penalty by cross-validation."""
    mean, std = train.mean(0), train.std(0, correction=0).clamp_min(1e-6)
    x, y = ((train - mean) / std).numpy(), labels.numpy()
    folds = min(FOLDS, int(np.bincount(y).min()))
    grid = np.logspace(-4, 2, PENALTIES)
    best, score, held_out = 0.01, float("nan"), None
    if folds >= 2:
        split = StratifiedKFold(folds, shuffle=True, random_state=0)
        scores = [cross_val_score(LogisticRegression(C=c, max_iter=500), x, y, cv=split).mean() for c in grid]
        best, score = float(grid[int(np.argmax(scores))]), float(max(scores))
        held_out = torch.from_numpy(cross_val_predict(LogisticRegression(C=best, max_iter=500), x, y, cv=split))
    fitted = LogisticRegression(C=best, max_iter=2000).fit(x, y)
    tested = ((test - mean) / std).numpy()
    probabilities = np.zeros((len(tested), num_classes), dtype=np.float32)
    probabilities[:, fitted.classes_] = fitted.predict_proba(tested)  # a class without samples has none
    return Probed(
        predictions=torch.from_numpy(fitted.predict(tested)),
        parameters=parameter_count(train, num_classes),
        notes={"penalty": 1 / best} | ({"cv_accuracy": score} if folds >= 2 else {}),
        probabilities=torch.from_numpy(probabilities),
        validation=score if folds >= 2 else None,
        held_out=held_out,
        head=_head(fitted, mean, std, num_classes),
    )


def _head(fitted: LogisticRegression, mean: Tensor, std: Tensor, num_classes: int) -> tuple[Tensor, Tensor]:
    """Weights (C, D) and biases (C,) on features that are not standardised."""
    known = torch.from_numpy(fitted.coef_).float(), torch.from_numpy(fitted.intercept_).float()
    if len(fitted.classes_) == 2:  # scikit-learn has the second's alone
        known = torch.cat([-known[0], known[0]]) / 2, torch.cat([-known[1], known[1]]) / 2
    weight, bias = torch.zeros(num_classes, len(mean)), torch.full((num_classes,), MISSING)
    classes = torch.from_numpy(fitted.classes_).long()
    weight[classes] = known[0] / std.float()
    bias[classes] = known[1] - weight[classes] @ mean.float()
    return weight, bias

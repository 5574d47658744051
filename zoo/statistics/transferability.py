"""Scores of features that foretell how well they transfer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


SPAN, STEPS = 14.0, 57
"""Exponents of e among which the ratio of precisions is sought, over the mean eigenvalue, before it is refined."""

INTERPOLATED = 1e-12
"""Least share of a target that is taken for noise: of more features than samples none need be."""


def logme(features: NDArray[np.float64], labels: NDArray[np.int64], classes: int) -> float:
    """Logarithm of the maximum evidence of linear models, a sample's mean.

    The evidence of Bayesian linear regression of each class's indicator on the features (You et al., ICML 2021),
    maximised over the precisions of weights and noise, and averaged over classes. It is evaluated in the directions
    that the features span. There the terms of the width cancel, of which the published code keeps one that rewards
    width on pure noise.

    Parameters
    ----------
    features : ndarray
        (N, D).
    labels : ndarray
        (N,).
    classes : int
        Those without a sample, or with all of them, are left out.

    Returns
    -------
    float
        Nats; higher is better.
    """
    import numpy as np

    values, left = _spectrum(features.astype(np.float64))
    found = []
    for index in range(classes):
        target = (labels == index).astype(np.float64)
        if 0 < target.sum() < len(target):
            found.append(_evidence(values, (left.T @ target) ** 2, float(target @ target), len(target)))
    return float(np.mean(found)) / len(labels)


def _evidence(values: NDArray[np.float64], squares: NDArray[np.float64], total: float, samples: int) -> float:
    """Log evidence of one target at the best precisions.

    The noise's has a closed form for each ratio of the two.

    Parameters
    ----------
    values : ndarray
        Eigenvalues of the Gram matrix.
    squares : ndarray
        Of the target's coordinates along its eigenvectors.
    total : float
        Square of the target's length.
    samples : int
    """
    import numpy as np
    from scipy.optimize import minimize_scalar

    outside = max(0.0, total - float(squares.sum()))
    scale = max(float(values.sum()) / samples, float(np.finfo(np.float64).tiny))

    def lack(exponent: float) -> float:
        grown = 1 + values / (scale * math.exp(exponent))
        rest = max(outside + float((squares / grown).sum()), INTERPOLATED * total)
        likelihood = samples / 2 * (math.log(2 * math.pi) + 1 + math.log(rest / samples))
        return likelihood + float(np.log(grown).sum()) / 2

    tried = np.linspace(-SPAN, SPAN, STEPS)
    best = int(np.argmin([lack(float(exponent)) for exponent in tried]))
    bounds = float(tried[max(0, best - 1)]), float(tried[min(STEPS - 1, best + 1)])
    refined = minimize_scalar(lack, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    return -min(float(refined.fun), lack(float(tried[best])))


def h_score(features: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Spread of the classes' means in units of the features' own spread.

    The trace of the inverse covariance of the features times the covariance of their class means (Bao et al., ICIP
    2019), the former shrunk after Ledoit and Wolf, without which it cannot be inverted where samples are fewer than
    features (Ibrahim et al., 2021).

    Parameters
    ----------
    features : ndarray
        (N, D).
    labels : ndarray
        (N,).
    """
    import numpy as np
    from sklearn.covariance import ledoit_wolf_shrinkage

    centred = features.astype(np.float64) - features.mean(axis=0)
    shrinkage = ledoit_wolf_shrinkage(centred, assume_centered=True)
    values, left = _spectrum(centred)
    samples, width = features.shape
    # Class means lie in the directions that the samples span: of the covariance nothing else counts.
    spreads = (1 - shrinkage) * values / samples + shrinkage * float((centred**2).sum()) / samples / width
    found = 0.0
    for index in np.unique(labels):
        target = (labels == index).astype(np.float64)
        squares = values * (left.T @ target) ** 2 / target.sum()
        found += float((squares / spreads).sum()) / samples
    return found


def _spectrum(features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Eigenvalues above rounding of the Gram matrix, and its eigenvectors (N, R).

    By the smaller of the two sides.
    """
    import numpy as np

    samples, width = features.shape
    values, vectors = np.linalg.eigh(features.T @ features if width < samples else features @ features.T)
    kept = values > max(float(values[-1]), 0.0) * max(samples, width) * np.finfo(np.float64).eps
    values, vectors = values[kept], vectors[:, kept]
    return values, features @ vectors / np.sqrt(values) if width < samples else vectors

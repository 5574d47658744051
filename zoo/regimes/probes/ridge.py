"""Ridge regression on class indicators, with exact leave-one-out.

All penalties share one eigendecomposition, and leaving one sample out needs no refit: with the hat
matrix H of the full fit, the prediction for sample i of a fit without it is
(ŷ_i - H_ii y_i) / (1 - H_ii) (Hastie, Tibshirani and Friedman, *The Elements of Statistical Learning*,
2nd edition, section 7.10.1, equations 7.64 and following). The intercept is not penalised, and counts as
part of H. Exactness is tested against refits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from zoo.errors import ZooError
from zoo.regimes.probes.base import Probed, parameter_count

if TYPE_CHECKING:
    from torch import Tensor

    from zoo.canonical import JsonObject


PENALTY_COUNT = 45
LOWEST_EXPONENT, HIGHEST_EXPONENT = -6.0, 5.0
"""Penalties run over eleven decades around the mean eigenvalue: from an interpolating fit to class means."""

FEWEST_FOR_LOO = 2
"""Images of a class under which leaving one out says nothing: the fit has then no image of that class at all."""

FIXED_EXPONENT = -1.0
"""Penalty without leave-one-out, as an exponent of ten around the mean eigenvalue.

See docs/measuring.md#one-image-a-class.
"""

SHARPNESSES = tuple(2.0 ** (step / 2) for step in range(-4, 13))
"""Factors from scores, which are about -1 and 1, to logits."""

USUAL = 4.0
"""The factor where leave-one-out is not known."""

_LEVERAGE_CEILING = 1 - 1e-12


def probe_by_ridge(train: Tensor, labels: Tensor, test: Tensor, num_classes: int) -> Probed:
    """Ridge regression, its penalty by leave-one-out where that is known."""
    fitted = fit_ridge_loo(train, labels, num_classes)
    notes: JsonObject = {"penalty": fitted.penalty}
    notes |= {"penalty_fixed": True} if fitted.loo_accuracy is None else {"loo_accuracy": fitted.loo_accuracy}
    scores = fitted.scores(test)
    return Probed(
        predictions=scores.argmax(dim=1),
        parameters=parameter_count(train, num_classes),
        notes=notes,
        probabilities=(scores * fitted.sharpness).softmax(dim=1).float(),
        validation=fitted.loo_accuracy,
        held_out=fitted.left_out,
        head=(fitted.weight.T * fitted.sharpness, fitted.bias * fitted.sharpness),
    )


@dataclass(frozen=True)
class RidgeProbe:
    """A fitted linear classifier.

    Attributes
    ----------
    weight : Tensor
        Float64 (D, C).
    bias : Tensor
        Float64 (C,).
    penalty : float
        In units of the squared features.
    loo_accuracy : float or None
        Leave-one-out accuracy on the training samples at ``penalty``, a fraction; None where a class has too few
        samples for that, and the penalty is the fixed one.
    left_out : Tensor or None
        Class index of each training sample by the fit without it, (N,).
    sharpness : float
        Of :data:`SHARPNESSES`, by which scores become the logits whose leave-one-out log loss is least.
    """

    weight: Tensor
    bias: Tensor
    penalty: float
    loo_accuracy: float | None
    sharpness: float = 1.0
    left_out: Tensor | None = None

    def scores(self, features: Tensor) -> Tensor:
        """Class scores (N, C) of features (N, D)."""
        return features.to(self.weight) @ self.weight + self.bias

    def predict(self, features: Tensor) -> Tensor:
        """Class indices (N,) of features (N, D)."""
        return self.scores(features).argmax(dim=1)


def fit_ridge_loo(features: Tensor, labels: Tensor, num_classes: int, penalties: Tensor | None = None) -> RidgeProbe:
    """Fit at the penalty with the least leave-one-out log loss.

    Parameters
    ----------
    features : Tensor
        (N, D), any real dtype; computed in float64.
    labels : Tensor
        (N,) class indices.
    num_classes : int
        C; a class without samples is allowed.
    penalties : Tensor, optional
        Absolute penalties to try; :func:`default_penalties` otherwise.

    Returns
    -------
    RidgeProbe
        The log loss is that of the softmax of scores at the factor of :data:`SHARPNESSES` which suits them best; few
        samples give few distinct accuracies, and which of those is highest is chance. With a single sample of some
        class the penalty is fixed.

    Raises
    ------
    ZooError
        Fewer than two samples, or features that are not finite.
    """
    if len(features) < 2:
        raise ZooError(f"a probe needs at least two training images, not {len(features)}")
    x = features.to(torch.float64)
    if not bool(torch.isfinite(x).all()):
        raise ZooError("the features hold values that are not finite; no probe can be fitted on them")
    y = indicators(labels, num_classes).to(x.device)
    mean = x.mean(dim=0)
    decomposition = _decompose(x - mean)
    counts = torch.bincount(labels.long().flatten())
    if penalties is None and int(counts[counts > 0].min()) < FEWEST_FOR_LOO:
        penalty, accuracy, sharpness = _scale(decomposition.eigenvalues, len(x)) * 10**FIXED_EXPONENT, None, USUAL
        classes = None
    else:
        tried = default_penalties(decomposition.eigenvalues, len(x)) if penalties is None else penalties.to(x)
        left_out = _leave_one_out(decomposition, y, tried)
        known = labels.to(x.device)
        losses = [_sharpness(scores, known) for scores in left_out]
        best = losses.index(min(losses))
        penalty, sharpness = tried[best], losses[best][1]
        classes = left_out[best].argmax(dim=1)
        accuracy, classes = float((classes == known).double().mean()), classes.cpu()
    weight = decomposition.solve(y - y.mean(dim=0), penalty)
    return RidgeProbe(weight, y.mean(dim=0) - mean @ weight, float(penalty), accuracy, sharpness, classes)


def _sharpness(scores: Tensor, labels: Tensor) -> tuple[float, float]:
    """The least log loss of the softmax of scores (N, C), and its factor."""
    truth = labels.long()
    return min((float(torch.nn.functional.cross_entropy(scores * factor, truth)), factor) for factor in SHARPNESSES)


def leave_one_out_scores(features: Tensor, labels: Tensor, num_classes: int, penalties: Tensor) -> Tensor:
    """Scores of each sample by a fit without it.

    Returns
    -------
    Tensor
        Float64 (P, N, C) for P absolute penalties.
    """
    x = features.to(torch.float64)
    y = indicators(labels, num_classes).to(x.device)
    return _leave_one_out(_decompose(x - x.mean(dim=0)), y, penalties.to(x))


def indicators(labels: Tensor, num_classes: int) -> Tensor:
    """Targets (N, C): 1 where the sample is of the class, -1 elsewhere."""
    return torch.nn.functional.one_hot(labels.long(), num_classes).to(torch.float64) * 2 - 1


def default_penalties(eigenvalues: Tensor, samples: int) -> Tensor:
    """Penalties in logarithmic steps around the Gram matrix's mean eigenvalue.

    Being relative, they make the fit independent of the features' scale, which differs between
    networks (and more so between untrained ones) by many orders of magnitude.
    """
    return _scale(eigenvalues, samples) * torch.logspace(
        LOWEST_EXPONENT, HIGHEST_EXPONENT, PENALTY_COUNT, dtype=torch.float64, device=eigenvalues.device
    )


def _scale(eigenvalues: Tensor, samples: int) -> Tensor:
    """Mean eigenvalue of the Gram matrix."""
    return eigenvalues.sum().clamp_min(torch.finfo(torch.float64).tiny) / samples


@dataclass(frozen=True)
class _Decomposition:
    """Centred features X = Z V'.

    Columns are orthogonal in Z (N, R) and orthonormal in V (D, R).
    """

    centred: Tensor
    projected: Tensor
    eigenvalues: Tensor
    vectors: Tensor | None

    def solve(self, targets: Tensor, penalty: Tensor) -> Tensor:
        """Weights (D, C): V (Λ + λ)⁻¹ Z' Y."""
        inner = self.projected.T @ targets / (self.eigenvalues + penalty)[:, None]
        if self.vectors is not None:
            return self.vectors @ inner
        # V = X' U Λ^(-1/2), with Z = U Λ^(1/2): in the dual V is never formed.
        return self.centred.T @ (self.projected @ (inner / self.eigenvalues[:, None]))


def _decompose(centred: Tensor) -> _Decomposition:
    """Primal (D x D) with no fewer samples than features, else dual (N x N)."""
    primal = centred.shape[0] >= centred.shape[1]
    gram = centred.T @ centred if primal else centred @ centred.T
    values, vectors = torch.linalg.eigh(gram)
    # Directions of rounding error carry no signal: dividing by their eigenvalues would only add noise.
    floor = values.max().clamp_min(0) * max(centred.shape) * torch.finfo(values.dtype).eps
    kept = values > floor
    values, vectors = values[kept], vectors[:, kept]
    if primal:
        return _Decomposition(centred, centred @ vectors, values, vectors)
    return _Decomposition(centred, vectors * values.sqrt(), values, None)


def _leave_one_out(decomposition: _Decomposition, y: Tensor, penalties: Tensor) -> Tensor:
    z, values = decomposition.projected, decomposition.eigenvalues
    mean = y.mean(dim=0)
    shrunk = 1 / (values[None, :] + penalties[:, None])
    fitted = torch.einsum("nr,pr,rc->pnc", z, shrunk, z.T @ (y - mean)) + mean
    leverage = (1 / len(y) + z.square() @ shrunk.T).T[:, :, None].clamp_max(_LEVERAGE_CEILING)
    return (fitted - leverage * y) / (1 - leverage)

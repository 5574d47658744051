"""Training images held out, and how good predictions on them are."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.statistics.quantity import BALANCED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


@dataclass(frozen=True, order=True)
class Score:
    """How good predictions are on images held out.

    The measure decides, and between equals the lower log loss, since few images give few distinct accuracies.

    Attributes
    ----------
    value : float
        By the measure that chooses.
    less_log_loss : float
    images : int
    accuracy, balanced : float
        Whatever the measure: the share that is right, and its mean over classes.
    """

    value: float
    less_log_loss: float
    images: int = field(compare=False)
    accuracy: float = field(compare=False)
    balanced: float = field(compare=False)

    @property
    def log_loss(self) -> float:
        """Mean of minus the logarithm of the true class's probability, in nats."""
        return -self.less_log_loss


def score_of(found: Tensor, labels: Tensor, measure: str) -> Score:
    """The score of probabilities (N, C) against labels (N,)."""
    predicted = found.argmax(dim=1)
    accuracy, balanced = float((predicted == labels).double().mean()), mean_recall(predicted, labels)
    true = found.gather(1, labels[:, None]).clamp_min(1e-12)
    value = balanced if measure == BALANCED.key else accuracy
    return Score(value, float(true.log().mean()), len(labels), accuracy, balanced)


def mean_recall(predicted: Tensor, labels: Tensor) -> float:
    """Balanced accuracy of class indices (N,), over classes that are there."""
    counts = labels.bincount()
    hits = labels.bincount(weights=(predicted == labels).double())
    return float((hits[counts > 0] / counts[counts > 0]).mean())


def held_out(labels: NDArray[np.int64], fraction: float, seed: int) -> NDArray[np.int64]:
    """Indices of a fraction of the images of each class, one at least.

    They are the same for every model, strategy and rate of one training set.
    """
    import numpy as np

    held = []
    for index in np.unique(labels).tolist():
        members = np.random.default_rng([11, seed, index]).permutation(np.flatnonzero(labels == index))
        held.append(members[: max(1, math.floor(fraction * len(members)))])
    return np.sort(np.concatenate(held))

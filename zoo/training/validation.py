"""Training images held out, and how good predictions on them are."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


@dataclass(frozen=True, order=True)
class Score:
    """How good predictions are on images held out.

    The measure decides, and between equals the lower log loss, since few images give few distinct accuracies.
    """

    value: float
    less_log_loss: float
    images: int = field(compare=False)

    @property
    def log_loss(self) -> float:
        """Mean of minus the logarithm of the true class's probability, in nats."""
        return -self.less_log_loss


def score_of(found: Tensor, labels: Tensor, classes: int, measure: str) -> Score:
    """The score of probabilities (N, C) against labels (N,)."""
    correct = (found.argmax(dim=1) == labels).double()
    value = float(correct.mean())
    if measure == "balanced_accuracy":
        counts = labels.bincount(minlength=classes)
        hits = labels.bincount(weights=correct, minlength=classes)
        value = float((hits[counts > 0] / counts[counts > 0]).mean())
    true = found.gather(1, labels[:, None]).clamp_min(1e-12)
    return Score(value, float(true.log().mean()), len(labels))


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

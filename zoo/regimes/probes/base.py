"""What a probe is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from zoo.canonical import JsonObject


@dataclass(frozen=True)
class Probed:
    """Predictions of a fitted probe.

    Attributes
    ----------
    predictions : Tensor
        Class indices of the test samples, (M,).
    parameters : int
        Weights and biases fitted.
    notes : dict
        Penalty chosen, and the accuracy it was chosen by, on training samples alone.
    probabilities : Tensor or None
        Of the classes of the test samples, (M, C).
    validation : float or None
        The accuracy that the penalty was chosen by.
    held_out : Tensor or None
        Class index of each training sample by a fit without it, (N,).
    head : tuple of Tensor or None
        Weights (C, D) and biases (C,), with which features give logits.
    """

    predictions: Tensor
    parameters: int
    notes: JsonObject
    probabilities: Tensor | None = None
    validation: float | None = None
    held_out: Tensor | None = None
    head: tuple[Tensor, Tensor] | None = None


Probe = Callable[["Tensor", "Tensor", "Tensor", int], Probed]
"""From training features (N, D), labels (N,), test features (M, D) and the number of classes."""


def parameter_count(features: Tensor, num_classes: int) -> int:
    """Weights and biases of a linear classifier on features (N, D)."""
    return int(features.shape[1] + 1) * num_classes

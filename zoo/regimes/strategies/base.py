"""What a strategy is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zoo.regimes.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class TransferJob:
    """What to train and test.

    Attributes
    ----------
    model : str
        ``source/architecture``; anything for the control ``pixels``.
    weights : str or None
        A tag; None for strategies that start from random or have no backbone.
    strategy, task : str
    shots : int or "all"
        Training images a class.
    seed : int
        Of the training set's draw, of a new head, of a random start and of the order of images.
    input_size : int or None
        Side in pixels; None is the task's own.
    """

    model: str
    weights: str | None
    strategy: str
    task: str
    shots: int | str
    seed: int
    input_size: int | None
    probe: str = "ridge"
    recipe: Recipe = field(default_factory=Recipe)
    corrupt: str = "refuse"


@dataclass(frozen=True)
class Tested:
    """Predictions on the test split, and what was fitted to get them."""

    predictions: Tensor
    trained_params: int
    notes: dict[str, Any]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way of using a backbone on a task.

    Attributes
    ----------
    name : str
    trained : str
        What is fitted to the task's training images, in words.
    start : str
        ``"weights"`` (pretrained), ``"random"`` (a fresh initialisation drawn from the job's seed) or
        ``"none"`` (there is no backbone).
    fits : str
        ``"probe"``: a linear classifier on frozen features; ``"network"``: gradient steps on the network.
    batch_norm : str
        What batch norm does while training, in words; the outcome's note says what it did in fact.
    control : bool
        Whether it is a yardstick for the others rather than a way to use a backbone.
    """

    name: str
    trained: str
    start: str
    fits: str
    batch_norm: str
    control: bool = False

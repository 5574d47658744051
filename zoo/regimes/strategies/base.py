"""What a strategy is, what it is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from zoo.training.precision import FP32
from zoo.training.recipe import Recipe

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from zoo.canonical import JsonObject
    from zoo.tasks.task import Task


OnProgress = Callable[[int, int], None]
"""Called with the step and the number of steps while a network is trained."""

LAST = 100
"""Order of a strategy that states none."""


@dataclass(frozen=True, slots=True)
class TransferJob:
    """What to train and test.

    Attributes
    ----------
    model : str
        ``source/architecture``; anything for a strategy that has no backbone.
    weights : str, Path or None
        A tag, or a checkpoint of the user's; None for strategies that start from random or have no backbone.
    strategy, task : str
    shots : int or "all"
        Training images a class.
    seed : int
        Of the training set's draw, of a new head, of a random start and of the order of images.
    input_size : int or None
        Side in pixels; None is the task's own.
    probe : str
    recipe : Recipe
    corrupt : str
        What is done about images of a folder that cannot be read.
    fit : str
        How a file's image becomes a square; see :class:`zoo.training.images.Transform`.
    precision : str
        What the network computes in: ``"fp32"`` or ``"bf16"``.
    rate : float or None
        The learning rate, where it was found before; None leaves it to the recipe.
    """

    model: str
    weights: str | Path | None
    strategy: str
    task: str
    shots: int | str
    seed: int
    input_size: int | None
    probe: str = "ridge"
    recipe: Recipe = field(default_factory=Recipe)
    corrupt: str = "refuse"
    fit: str = "squash"
    precision: str = FP32
    rate: float | None = None


@dataclass(frozen=True)
class Tested:
    """Predictions on the test split, and what was fitted to get them.

    Attributes
    ----------
    predictions : Tensor
        Class indices of the test images, (N,).
    trained_params : int
        Parameters fitted to the training images.
    notes : dict
        JSON values that explain the accuracy; ``batch_norm`` says what it did.
    flags : tuple of str
        What makes the accuracy doubtful.
    probabilities : Tensor or None
        Of the classes of the test images, (N, C), where the strategy has them.
    validation, validation_balanced : float or None
        Accuracy, and mean recall over classes, on training images held out; they may choose, the test may not.
    """

    predictions: Tensor
    trained_params: int
    notes: JsonObject
    flags: tuple[str, ...] = ()
    probabilities: Tensor | None = None
    validation: float | None = None
    validation_balanced: float | None = None


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
    batch_norm : str
        What batch norm does while training, in words; the outcome's note says what it did in fact.
    run : callable
        From the job, its task, the device and a function to report steps to, to what was tested. It fits on the
        training split alone, and raises what the model raises.
    uses_probe, uses_recipe : bool
        Which of the job's probe and recipe it depends on: the other is no part of a trial's key.
    control : bool
        Whether it is a yardstick for the others rather than a way to use a backbone.
    order : int
        Place in tables, the lowest first; controls come after all others.
    same_for_all : bool
        Whether on all training images every seed gives the same, so that one is run.
    vary : callable, optional
        From a number to the strategy with that number in its brackets, such as ``partial(2)``.
    """

    name: str
    trained: str
    start: Literal["weights", "random", "none"]
    batch_norm: str
    run: Callable[[TransferJob, Task, str, OnProgress | None], Tested]
    uses_probe: bool = False
    uses_recipe: bool = False
    control: bool = False
    order: int = LAST
    same_for_all: bool = False
    vary: Callable[[float], Strategy] | None = None

    @property
    def placeholder(self) -> str | None:
        """What stands for the model (``control/pixels``) without a backbone."""
        return f"control/{self.name}" if self.start == "none" else None

"""The recipe: how a network is trained, the same for every model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.canonical import later, to_json
from zoo.errors import UnknownNameError, ZooError
from zoo.statistics.quantity import ACCURACY, MEASURES

if TYPE_CHECKING:
    from zoo.canonical import JsonObject


NO_TUNING, RATES = "none", "rates"
TUNINGS = (RATES, NO_TUNING)
"""How a learning rate is found: several are tried, or the recipe's own is taken."""

FOUND = "found"
"""A rate that is given with the training, since a search found it before; nobody asks for that by name."""

TRAINED, KEPT, CHOSEN = "train", "eval", "chosen"
BATCH_NORMS = (TRAINED, KEPT, CHOSEN)
"""Statistics of batch norm where a strategy leaves them open: of the batch, of the weights, or the better of both."""

AUGMENTS = ("none", "shift", "standard", "trivial")
"""How training images are changed; see :mod:`zoo.training.augment`."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a training run, for strategies that train the network.

    AdamW. One recipe serves all architectures, fixed before any test image is read, and its budget is a number of
    steps that grows with the square root of the training set, and is one pass over it at least. A training that ends
    above ``learnt_loss`` is flagged as cut short. Why: see docs/measuring.md#one-recipe. How a rate is found: see
    docs/measuring.md#rates.

    Attributes
    ----------
    steps : int
        Steps for 100 training images; see :meth:`steps_for`.
    scratch_steps_factor : float
        Steps from random over those from weights.
    batch : int
        Images a step; the whole set where that is smaller.
    full_rate, scratch_rate : float
        Peak learning rates of the backbone, from weights and from random.
    head_rate_factor : float
        Rate of the new head over the backbone's, from weights; from random all layers learn at one rate.
    weight_decay : float
        Decoupled, on weights; none on biases and norms.
    warmup : float
        Fraction of the steps over which the rate rises linearly; a cosine brings it to zero after.
    clip_norm : float
        The gradient's norm is cut to this; 0 leaves it.
    shift : float
        Images are moved by up to this fraction of their side in training.
    frozen_norm_batch : int
        Under this batch, batch norm keeps the running statistics of the weights (a few images are no estimate of a
        mean); from random it has none to keep and always trains.
    learnt_loss : float
        Fraction of the loss of a guess, ``log(classes)``, under which the mean loss of the last tenth of
        the steps must lie; 0.25 with ten classes is a loss of 0.58.
    tuning : str
        ``"rates"`` tries ``trials`` rates around the strategy's own, each ``spread`` times the one before;
        ``"none"`` takes the strategy's own; ``"found"`` one that is given beside the recipe.
    trials : int
        Rates that are tried.
    spread : float
        A rate over the next lower one.
    validation : float
        Fraction of the training images of each class that rates are chosen on; they are trained on in the end.
    least_to_choose : int
        Training images of a class under which nothing is chosen: the predictions at all rates are averaged.
    last_steps_factor : float
        Steps of the training on all images at the rate that was chosen, over those that rates are tried for.
    extensions : int
        How often a training that was cut short goes on for as many steps again.
    augment : str
        How training images are changed; see :mod:`zoo.training.augment`.
    measure : str
        What a rate is chosen by: ``"accuracy"`` or ``"balanced_accuracy"``.
    batch_norm : str
        From weights, where a strategy leaves it open: ``"train"``; ``"eval"``, which keeps the statistics of the
        weights; or ``"chosen"``, as rates are, and kept under ``least_to_choose``. Why: see
        docs/measuring.md#batch-norm.
    """

    steps: int = 60
    scratch_steps_factor: float = 2.0
    batch: int = 32
    full_rate: float = 3e-4
    scratch_rate: float = 5e-4
    head_rate_factor: float = 10.0
    weight_decay: float = 0.02
    warmup: float = 0.1
    clip_norm: float = 1.0
    shift: float = 0.0625
    frozen_norm_batch: int = 16
    learnt_loss: float = 0.25
    tuning: str = later(NO_TUNING)
    trials: int = later(3)
    spread: float = later(3.0)
    validation: float = later(0.2)
    least_to_choose: int = later(16)
    last_steps_factor: float = later(1.0)
    extensions: int = later(0)
    augment: str = later("shift")
    measure: str = later(ACCURACY.key)
    batch_norm: str = later(TRAINED)

    def __post_init__(self) -> None:
        for name, least in (("steps", 1), ("batch", 1), ("trials", 1), ("least_to_choose", 2), ("extensions", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ZooError(f"{name} is a whole number from {least}, not {value!r}")
        named = {"tuning": (*TUNINGS, FOUND), "augment": AUGMENTS, "measure": MEASURES, "batch_norm": BATCH_NORMS}
        for name, known in named.items():
            if getattr(self, name) not in known:
                raise UnknownNameError(name, getattr(self, name), known, f"permitted: {', '.join(known)}")
        positive = (
            "scratch_steps_factor", "full_rate", "scratch_rate", "head_rate_factor", "learnt_loss", "spread",
            "validation", "last_steps_factor",
        )  # fmt: skip
        for name in (*positive, "weight_decay", "warmup", "clip_norm", "shift", "frozen_norm_batch"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ZooError(f"{name} is a number, not {value!r}")
            if value < 0 or (name in positive and value == 0):
                raise ZooError(f"{name} is {'more than' if name in positive else 'at least'} 0")
        for name, limit in (("warmup", 1.0), ("shift", 0.5), ("validation", 0.5)):
            if getattr(self, name) > limit:
                raise ZooError(f"{name} is a fraction up to {limit:g}, not {getattr(self, name)!r}")
        if self.spread <= 1:
            raise ZooError(f"spread is more than 1, not {self.spread!r}")

    def steps_for(self, images: int, *, from_random: bool) -> int:
        """Optimiser steps on so many training images."""
        factor = self.scratch_steps_factor if from_random else 1.0
        once = math.ceil(images / self.batch) if self.tuning != NO_TUNING else 1
        return max(once, round(self.steps * math.sqrt(images / 100) * factor))

    def rates(self, own: float) -> tuple[float, ...]:
        """The rates to try around a strategy's own, the lowest first."""
        if self.tuning != RATES:
            return (own,)
        middle = (self.trials - 1) // 2
        return tuple(own * self.spread ** (place - middle) for place in range(self.trials))

    def trainings(self, fewest: int) -> float:
        """How many trainings a tuned one takes.

        ``fewest`` is the number of images of the smallest class. A best rate at the edge takes one more.
        """
        tried = len(self.rates(1.0))
        if tried == 1 or fewest < self.least_to_choose:
            return tried
        return (tried + 1) / 2 + (self.batch_norm == CHOSEN) + self.last_steps_factor

    def is_cut_short(self, last_loss: float, classes: int) -> bool:
        """Whether a training that ended at this loss (nats) was too short."""
        return last_loss > self.learnt_loss * math.log(classes)

    def to_dict(self) -> JsonObject:
        """JSON values, which are part of a trial's key."""
        return to_json(self)


TUNED = Recipe(
    tuning=RATES, steps=120, last_steps_factor=2.0, extensions=1, batch_norm=CHOSEN, learnt_loss=0.1
)  # fmt: skip
"""What is usual: rates are found, over twice the steps and the last training over four times, and one that was cut
short goes on once."""

USUAL = {RATES: TUNED, NO_TUNING: Recipe()}
"""The recipe that the settings of a suite or a call change, by how a rate is found."""

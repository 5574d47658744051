"""Images of one cell of the table: to train on, and to test on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.training.precision import FP32
from zoo.training.trainer import probabilities

if TYPE_CHECKING:
    from torch import Tensor

    from zoo.training.images import Prepared, Transform
    from zoo.training.trainer import Trainer


@dataclass(frozen=True)
class Cell:
    """Images to train on and to test on.

    Attributes
    ----------
    train, test : Prepared
    labels : Tensor
        Of the training images, (N,).
    classes : int
    precision : str
        Of training and testing.
    """

    train: Prepared
    labels: Tensor
    test: Prepared
    classes: int
    transform: Transform
    seed: int
    precision: str = FP32

    def probabilities(self, trainer: Trainer, images: Prepared) -> Tensor:
        """Probabilities of the classes of images, by a trained network."""
        return probabilities(trainer.opened.model, images, self.transform, self.precision)

    @property
    def fewest(self) -> int:
        """Training images of the class that has fewest."""
        return int(self.labels.bincount(minlength=self.classes).min())

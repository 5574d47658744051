"""Settings of what a search for a backbone tries on training images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from zoo.canonical import JsonObject, from_json, later, to_json
from zoo.machine.prior import EFFECTIVE_MACS_PER_S
from zoo.training.precision import FP32
from zoo.training.recipe import Recipe

SCORES, ARM = "scores", "arm"
"""Cheap scores of frozen features, and a training or fit that is judged on training images held out."""

PASSES = 3
"""What a step of training computes, in forward passes."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """What a search tries of one model, on training images alone.

    Attributes
    ----------
    task, task_digest : str
        What the task is called, and its SHA-256.
    step : str
        ``"scores"`` or ``"arm"``.
    strategy : str
        Of an arm; empty of scores.
    shots : int or "all"
        Training images a class that are looked at.
    images : int
        Those in all.
    seed : int
    input_size : tuple of int
        Channels, height, width.
    rate : float or None
        Peak learning rate of an arm that is trained.
    since, part : float
        Shares of its steps: that from which an arm goes on, and that after which it is judged.
    recipe : Recipe or None
        How it is trained.
    fold : int
        Which images are held out.
    code, device, fit, stated, precision, probe : str
        As of a transfer.
    """

    KIND: ClassVar[str] = "search"
    PROTOCOL: ClassVar[int] = 1

    task: str
    step: str
    strategy: str
    shots: int | str
    images: int
    seed: int
    input_size: tuple[int, int, int]
    task_digest: str = later("")
    device: str = later("")
    rate: float | None = later(None)
    since: float = later(0.0)
    part: float = later(1.0)
    recipe: Recipe | None = later(None)
    probe: str = later("ridge")
    code: str = later("")
    fit: str = later("squash")
    stated: str = later("")
    precision: str = later(FP32)
    fold: int = later(0)
    other: str = ""

    @property
    def side(self) -> int:
        """Height of the images in pixels."""
        return self.input_size[1]

    def describe(self) -> str:
        """The settings in a few words, without the model."""
        if self.step == SCORES:
            return f"scores of features on {self.images} training images of {self.task}"
        if self.rate is None:
            return f"{self.strategy} on {self.task}, {self._held}"
        return f"{self.strategy} at rate {self.rate:.1g} on {self.task}, {self.part:.0%} of its steps, {self._held}"

    @property
    def _held(self) -> str:
        return f"fold {self.fold + 1} held out" if self.fold else "held out"

    def expected_seconds(self, macs: float) -> float:
        """Seconds that a model of so many MACs takes, before any was seen."""
        passes = float(self.images)
        if self.rate is not None and self.recipe is not None:
            steps = self.recipe.steps_for(self.images, from_random=False)
            passes = (self.part - self.since) * steps * min(self.recipe.batch, self.images) * PASSES
        return 1.0 + passes * macs / EFFECTIVE_MACS_PER_S

    def to_dict(self) -> JsonObject:
        """JSON values, which are part of a trial's key."""
        return to_json(self)

    @classmethod
    def from_dict(cls, data: JsonObject) -> SearchSettings:
        """Undo :meth:`to_dict`."""
        return from_json(cls, data, recipe=lambda value: None if value is None else Recipe(**value))

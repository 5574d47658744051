"""Settings of trainings and pretrainings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from zoo.canonical import JsonObject, from_json, later, to_json
from zoo.machine.prior import EFFECTIVE_MACS_PER_S
from zoo.training.precision import FP32
from zoo.training.recipe import Recipe

TRAINING_STEPS, TRAINING_BATCH = 80, 32
"""What a training is taken to need before one was seen; a step computes three times a forward pass."""

STEP_PASSES = 3

PROBED_IMAGES = 1000
"""Images whose features a probe computes, once for all its seeds."""


@dataclass(frozen=True, slots=True)
class TransferSettings:
    """One model under one strategy on one data cell.

    Attributes
    ----------
    task, task_digest : str
        What the task is called, and SHA-256 over classes, labels and pixels, which it is known by.
    strategy : str
    shots : int or "all"
        Training images a class.
    seed : int
    input_size : tuple of int or None
        Channels, height, width; None of the control without a model.
    device : str
    probe : str or None
        The linear classifier; None of a strategy that fits none.
    recipe : Recipe or None
        How the network is trained; None of a strategy that trains none.
    code : str
        Digest of the code of a user's model.
    fit : str
        How images of files became squares: ``"squash"``, ``"crop"`` or ``"pad"``.
    stated : str
        Digest of the preprocessing that a user's checkpoint states, which is no part of the weights' digest.
    precision : str
        What the network computes in; the usual one of a control without a network.
    rate : float or None
        The learning rate, where a search found it before; None where the recipe says how it was found.
    other : str
        What a record of another version says beside these, as canonical JSON.
    """

    KIND: ClassVar[str] = "transfer"
    PROTOCOL: ClassVar[int] = 3
    """1: the ridge probe's penalty by accuracy left out; 2: by the log loss; 3: SqueezeNet's new head can learn."""

    task: str
    strategy: str
    shots: int | str
    seed: int
    input_size: tuple[int, int, int] | None
    task_digest: str = later("")
    device: str = later("")
    probe: str | None = later(None)
    recipe: Recipe | None = later(None)
    code: str = later("")
    fit: str = later("squash")
    stated: str = later("")
    precision: str = later(FP32)
    rate: float | None = later(None)
    other: str = ""

    @property
    def side(self) -> int | None:
        """Height of the images in pixels."""
        return self.input_size[1] if self.input_size else None

    def describe(self) -> str:
        """The settings in a few words, without the model."""
        return f"{self.describe_cell()}, seed {self.seed}"

    def describe_cell(self) -> str:
        """The same for all seeds together."""
        return f"{self.strategy} on {self.task}, {self.shots} shots"

    @property
    def task_key(self) -> str:
        """Its digest, or its name in records from before there were digests."""
        return self.task_digest or self.task

    @property
    def cell(self) -> tuple[object, ...]:
        """What is the same for all seeds together, less the task's name."""
        way = (
            self.probe,
            self.recipe,
            self.rate,
            self.device,
            self.precision,
            self.code,
            self.fit,
            self.stated,
            self.other,
        )
        return self.task_key, self.strategy, self.shots, self.input_size, *way

    def is_alike(self, other: TransferSettings) -> bool:
        """Whether two strategies had the same data cell and way of training.

        The way of training as far as both have one.
        """
        if (self.task_key, self.shots, self.fit) != (other.task_key, other.shots, other.fit):
            return False
        ways = ((self.probe, other.probe), (self.recipe, other.recipe))
        return all(None in way or way[0] == way[1] for way in ways)

    def expected_seconds(self, macs: float) -> float:
        """Seconds that a model of so many MACs takes, before any was seen."""
        if self.recipe is not None:
            return 2.0 + TRAINING_STEPS * TRAINING_BATCH * STEP_PASSES * macs / EFFECTIVE_MACS_PER_S
        # The features of the first seed serve the others.
        return 0.5 + PROBED_IMAGES * macs / EFFECTIVE_MACS_PER_S / max(1, self.seed * 10)

    def to_dict(self) -> JsonObject:
        """JSON values, which are part of a trial's key."""
        return to_json(self)

    @classmethod
    def from_dict(cls, data: JsonObject) -> TransferSettings:
        """Undo :meth:`to_dict`."""
        return from_json(cls, data, recipe=lambda value: None if value is None else Recipe(**value))


@dataclass(frozen=True, slots=True)
class PretrainSettings:
    """Weights trained from random on a task.

    Attributes
    ----------
    task, task_digest : str
    seed : int
    input_size : tuple of int
        Channels, height, width.
    """

    KIND: ClassVar[str] = "pretrain"
    PROTOCOL: ClassVar[int] = 2
    """2: SqueezeNet's head can learn from the start."""

    task: str
    seed: int
    input_size: tuple[int, int, int]
    task_digest: str = later("")
    other: str = ""

    @property
    def side(self) -> int:
        """Height of the images in pixels."""
        return self.input_size[1]

    def describe(self) -> str:
        """The settings in a few words, without the model."""
        return f"{self.describe_cell()}, seed {self.seed}"

    def describe_cell(self) -> str:
        """The same for all seeds together."""
        return f"pretraining on {self.task}"

    def to_dict(self) -> JsonObject:
        """JSON values, which are part of a trial's key."""
        return to_json(self)

    @classmethod
    def from_dict(cls, data: JsonObject) -> PretrainSettings:
        """Undo :meth:`to_dict`."""
        return from_json(cls, data)

"""What is to be measured, with one key for the same question everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, get_args

from zoo.canonical import JsonObject, canonical_digest, from_json, later, to_json
from zoo.cost.settings import CostSettings
from zoo.evaluation.settings import EvaluateSettings
from zoo.regimes.settings import PretrainSettings, TransferSettings
from zoo.sources.naming import NO_WEIGHTS
from zoo.training.search_settings import SearchSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = {"task": "task_digest", "data": "data_digest"}
"""Settings that are names for what a digest says, by its field: a trial with the digest is the same by any name."""

UNSTATED = 0
"""Stands for the protocol of the settings' own kind."""


@dataclass(frozen=True, slots=True)
class PublishedSettings:
    """What others state of a set of weights.

    Attributes
    ----------
    dataset : str
        The images: ``imagenet`` is ImageNet-1k's validation set.
    by : str
        Who states it.
    img_size : str
        Side in pixels, where a table has several of one tag.
    """

    KIND: ClassVar[str] = "published"
    PROTOCOL: ClassVar[int] = 1

    dataset: str
    by: str
    img_size: str = later("")
    other: str = ""

    def describe(self) -> str:
        """The settings in a few words, without the model."""
        return f"published by {self.by} on {self.dataset}"

    def expected_seconds(self, macs: float) -> float:
        """Nothing: it is read, not measured."""
        return 0.0 * macs

    def to_dict(self) -> JsonObject:
        """JSON values, which are part of a trial's key."""
        return to_json(self)

    @classmethod
    def from_dict(cls, data: JsonObject) -> PublishedSettings:
        """Undo :meth:`to_dict`."""
        return from_json(cls, data)


Settings = CostSettings | TransferSettings | PretrainSettings | EvaluateSettings | PublishedSettings | SearchSettings

KINDS: Mapping[str, type[Settings]] = {kind.KIND: kind for kind in get_args(Settings)}
"""The settings of each kind of trial."""


@dataclass(frozen=True)
class Trial:
    """One question to a machine, whose key says if it was asked before.

    Attributes
    ----------
    model : str
        ``source/architecture``, or ``control/pixels`` for the control that has no model.
    weights : str
        The tag, ``"random"`` for random initialisation, ``"none"`` for a control without a model.
    settings : Settings
        What of the model is asked, and at what; its class is the trial's kind.
    weights_digest : str or None
        SHA-256 of the weights' bytes, so that other bytes under the same tag are another trial.
    protocol : int
        Of the settings' kind when it was asked: it moves whenever a change to how the zoo measures makes old and
        new numbers incomparable.
    """

    model: str
    weights: str
    settings: Settings
    weights_digest: str | None = None
    protocol: int = UNSTATED

    def __post_init__(self) -> None:
        if self.protocol == UNSTATED:
            object.__setattr__(self, "protocol", self.settings.PROTOCOL)

    @property
    def kind(self) -> str:
        """One of :data:`KINDS`, such as ``cost`` or ``transfer``."""
        return self.settings.KIND

    @property
    def is_timing(self) -> bool:
        """Whether what is asked depends on how fast the machine is."""
        return isinstance(self.settings, CostSettings)

    @property
    def cost(self) -> CostSettings:
        """The settings of a cost."""
        assert isinstance(self.settings, CostSettings)
        return self.settings

    @property
    def transfer(self) -> TransferSettings:
        """The settings of a training."""
        assert isinstance(self.settings, TransferSettings)
        return self.settings

    @property
    def pretrain(self) -> PretrainSettings:
        """The settings of a pretraining."""
        assert isinstance(self.settings, PretrainSettings)
        return self.settings

    @property
    def evaluate(self) -> EvaluateSettings:
        """The settings of an evaluation."""
        assert isinstance(self.settings, EvaluateSettings)
        return self.settings

    @property
    def published(self) -> PublishedSettings:
        """The settings of what others state."""
        assert isinstance(self.settings, PublishedSettings)
        return self.settings

    @cached_property
    def key(self) -> str:
        """SHA-256, in hex, of the trial as canonical JSON.

        Less the names of what has a digest.
        """
        stated = self.to_dict()
        settings: JsonObject = stated["settings"]
        for name, digest in SHOWN.items():
            if settings.get(digest):
                del settings[name]
        return canonical_digest(stated)

    @property
    def display_name(self) -> str:
        """Model and weights as tables print them.

        Such as ``torchvision/resnet18.letters-am``.
        """
        return self.model if self.weights == NO_WEIGHTS else f"{self.model}.{self.weights}"

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        return {
            "kind": self.kind,
            "model": self.model,
            "weights": self.weights,
            "weights_digest": self.weights_digest,
            "settings": self.settings.to_dict(),
            "protocol": self.protocol,
        }

    @classmethod
    def from_dict(cls, data: JsonObject) -> Trial:
        """Undo :meth:`to_dict`."""
        return cls(
            model=data["model"],
            weights=data["weights"],
            settings=KINDS[data["kind"]].from_dict(data["settings"]),
            weights_digest=data["weights_digest"],
            protocol=data["protocol"],
        )

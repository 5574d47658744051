"""What is to be measured, named so exactly that the same question has the same key everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zoo.canonical import canonical_digest

if TYPE_CHECKING:
    from collections.abc import Mapping


PROTOCOL_VERSION = 1
"""Raised whenever a change to how the zoo measures makes old and new numbers incomparable."""


@dataclass(frozen=True)
class Trial:
    """One question to a machine; its key says whether it was asked before.

    Attributes
    ----------
    kind : str
        ``"cost"``, ``"transfer"``, ``"pretrain"``, ``"evaluate"`` (a model as it is, on labelled images) or
        ``"published"`` (what others state of one).
    model : str
        ``source/architecture``, or ``control/pixels`` for the control that has no model.
    weights : str
        The tag, ``"random"`` for random initialisation, ``"none"`` for a control without a model.
    weights_digest : str or None
        SHA-256 of the weights' bytes, so that other bytes under the same tag are another trial.
    settings : mapping
        JSON values. For ``cost``: metric, device, batch, threads, precision, memory_format,
        input_size [channels, height, width], replica (0; 1 for the second half of an A/A pair).
        For ``transfer``: task, task_digest, strategy, shots (int or "all"), seed, input_size, probe,
        recipe. For ``pretrain``: task, task_digest, seed, input_size. Of a user's model: code, a digest of it.
    protocol : int
        :data:`PROTOCOL_VERSION` when it was asked.
    """

    kind: str
    model: str
    weights: str
    weights_digest: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    protocol: int = PROTOCOL_VERSION

    @property
    def key(self) -> str:
        """SHA-256, in hex, of the trial as canonical JSON."""
        return canonical_digest(self.to_dict())

    @property
    def display_name(self) -> str:
        """Model and weights as tables print them: ``torchvision/resnet18.letters-am``."""
        return self.model if self.weights == "none" else f"{self.model}.{self.weights}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "kind": self.kind,
            "model": self.model,
            "weights": self.weights,
            "weights_digest": self.weights_digest,
            "settings": dict(self.settings),
            "protocol": self.protocol,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Trial:
        """Undo :meth:`to_dict`."""
        return cls(**data)


def threads_text(settings: Mapping[str, Any]) -> str:
    """``, 2 threads`` for a cost on the CPU, nothing for one on a GPU: the part of a setting's description."""
    count = settings["threads"]
    return f", {count} thread{'s' * (count != 1)}" if settings["device"] == "cpu" else ""

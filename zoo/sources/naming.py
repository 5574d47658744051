"""Names of models and of weights: ``source/architecture.tag``."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.errors import ZooError

RANDOM = "random"
"""Weights of a random start, as trials, records and tables have it."""

NO_WEIGHTS = "none"
"""Weights of a control that has no model; where a user asks for weights, it is a random start too."""

DEFAULT = "default"
"""The weights of the tag in a name, else the default ones of the source."""

AUTO = "auto"
"""The default weights where they are at hand, else what the command takes instead."""


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model's name, taken apart.

    Attributes
    ----------
    source : str or None
        ``torchvision``, ``timm``, another package's or a user's own; None where the name was bare.
    architecture : str
    tag : str or None
        The weights tag; None means the source's default weights.
    """

    source: str | None
    architecture: str
    tag: str | None = None

    @property
    def model(self) -> str:
        """``source/architecture``, or the architecture alone of a bare name."""
        return f"{self.source}/{self.architecture}" if self.source else self.architecture

    def __str__(self) -> str:
        return self.model + (f".{self.tag}" if self.tag else "")


def parse_name(text: str) -> ModelName:
    """Take a name apart.

    Raises
    ------
    ZooError
        Where a part is empty, or there is more than one slash.
    """
    if not isinstance(text, str):
        raise ZooError(f"a model is named by text, not by {text!r} (see `zoo list`)")
    source, slash, rest = text.strip().rpartition("/")
    architecture, dot, tag = rest.partition(".")
    if not architecture or (slash and not source) or (dot and not tag) or "/" in source:
        raise ZooError(
            f"{text!r} is no model name; write source/architecture or source/architecture.tag (see `zoo list`)"
        )
    return ModelName(source or None, architecture, tag or None)


def is_random(weights: object) -> bool:
    """Whether weights, as a user asks for them, mean a random start."""
    return weights is None or weights in (NO_WEIGHTS, RANDOM)

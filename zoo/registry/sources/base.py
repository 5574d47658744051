"""What a source of models tells of one of its architectures, before anything is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.registry.spec import Preprocessing


@dataclass(frozen=True, slots=True)
class TagFacts:
    """What the source states of one set of weights.

    Attributes
    ----------
    input_size : tuple of int
        Channels, height, width at evaluation.
    preprocessing : Preprocessing
    top1 : float or None
        Percent on ImageNet-1k, as published by the source.
    licence : str or None
    file : str or None
        File name in torch hub's cache; torchvision's ends with the first digits of the SHA-256.
    url : str or None
        Address of ``file``, where it is not the source's usual one.
    hub_id : str or None
        Repository on the Hugging Face hub.
    """

    input_size: tuple[int, int, int]
    preprocessing: Preprocessing
    top1: float | None = None
    licence: str | None = None
    file: str | None = None
    url: str | None = None
    hub_id: str | None = None


@dataclass(frozen=True, slots=True)
class ArchitectureFacts:
    """One architecture with all its weights tags, the default first."""

    source: str
    architecture: str
    family: str
    input_size: tuple[int, int, int]
    preprocessing: Preprocessing | None
    tags: dict[str, TagFacts] = field(default_factory=dict)

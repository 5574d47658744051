"""A source of models: one small network."""

from __future__ import annotations

from typing import Any

from zoo.sources.base import ArchitectureFacts, Source
from zoo.sources.spec import Preprocessing


class Elsewhere(Source):
    """Networks of this package."""

    name = "elsewhere"

    def version(self) -> str:
        """What the facts and counts of its networks are kept for."""
        return "1.0"

    def architectures(self) -> list[str]:
        """One."""
        return ["dot"]

    def facts(self, architecture: str) -> ArchitectureFacts:
        """Images of 32 pixels."""
        return ArchitectureFacts(self.name, architecture, "dot", (3, 32, 32), Preprocessing(32, 32))

    def build(self, architecture: str, input_size: Any = None, num_classes: int | None = None) -> Any:
        """A convolution, pooled, and a linear layer."""
        from collections import OrderedDict

        from torch import nn

        layers = OrderedDict(
            stem=nn.Conv2d(3, 8, 3, stride=2), act=nn.ReLU(), pool=nn.AdaptiveAvgPool2d(1), flat=nn.Flatten(),
            fc=nn.Linear(8, num_classes or 10),
        )  # fmt: skip
        return nn.Sequential(layers)


ELSEWHERE = Elsewhere()

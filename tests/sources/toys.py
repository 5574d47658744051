"""A source of models as another package would write it: one file, and one line that registers it."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from zoo.sources import SOURCES
from zoo.sources.base import ArchitectureFacts, Source, TagFacts
from zoo.sources.spec import Preprocessing

SIZE = (3, 32, 32)
PREPROCESSING = Preprocessing(32, 36, "bicubic", (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
WIDTHS = {"tiny": 4, "wide": 8}


class Toy(nn.Module):
    def __init__(self, width: int, num_classes: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.top = nn.Linear(width, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.top(self.stem(images).mean((2, 3)))


class Toys(Source):
    name = "toys"

    def __init__(self, version: str = "1.0") -> None:
        self.stated = version
        self.widths = dict(WIDTHS)
        self.tags = {"plain": TagFacts(SIZE, PREPROCESSING, top1=50.0, licence="mit", file="toy-00000000.pth")}
        self.asked: list[str] = []
        self.built: list[str] = []

    def version(self) -> str:
        return self.stated

    def architectures(self) -> list[str]:
        return list(self.widths)

    def facts(self, architecture: str) -> ArchitectureFacts:
        self.asked.append(architecture)
        tags = dict(self.tags) if architecture == "tiny" else {}
        return ArchitectureFacts(self.name, architecture, "toy", SIZE, PREPROCESSING, tags, "bsd-3-clause")

    def build(self, architecture: str, input_size: Any = None, num_classes: int | None = None) -> nn.Module:
        self.built.append(architecture)
        return Toy(self.widths[architecture], num_classes or 10)


SOURCES.register("toys", Toys())

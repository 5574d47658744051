"""A ResNet-18 whose calls take five percent longer than they would, for :mod:`benchmarks.bench_protocol`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import zoo

if TYPE_CHECKING:
    from torch import nn

NAME = "mine/slowed"
SLOWER = 0.05


@zoo.register(NAME, input_size=(3, 224, 224))
def slowed(num_classes: int = 1000) -> nn.Module:
    """The network, which spins for a twentieth of each call's own time after it."""
    from torch import nn
    from torchvision.models import resnet18

    class Slowed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = resnet18(num_classes=num_classes)

        def forward(self, images: Any) -> Any:
            begun = time.perf_counter()
            scores = self.body(images)
            end = time.perf_counter() + SLOWER * (time.perf_counter() - begun)
            while time.perf_counter() < end:
                pass
            return scores

    return Slowed()

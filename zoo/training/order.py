"""The order in which a training takes its images."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class Order:
    """Sample indices without end, a new permutation after each pass.

    Attributes
    ----------
    left : list of int
        Of the present pass.
    """

    def __init__(self, samples: int, generator: torch.Generator) -> None:
        self._samples, self._generator = samples, generator
        self.left: list[int] = []

    def take(self, count: int) -> list[int]:
        """The next indices."""
        import torch

        while len(self.left) < count:
            self.left += torch.randperm(self._samples, generator=self._generator).tolist()
        taken, self.left = self.left[:count], self.left[count:]
        return taken

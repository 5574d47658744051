"""What builds a model for an engine, as often as it is called."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.weights.locate import locate

if TYPE_CHECKING:
    from zoo.cost.engines.base import Engine
    from zoo.cost.settings import CostSettings


@dataclass(frozen=True)
class Builder:
    """A model with its weights at one setting, not yet built.

    Attributes
    ----------
    model : str
        ``source/architecture``.
    weights : str, Path or None
        A tag, a checkpoint of the user's, or None for random initialisation.
    settings : CostSettings
    engine : Engine
    """

    model: str
    weights: str | Path | None
    settings: CostSettings
    engine: Engine

    @property
    def file(self) -> Path | None:
        """The file that weights are loaded from, None of random ones."""
        if self.weights is None or isinstance(self.weights, Path):
            return self.weights
        found = locate(self.model, self.weights)
        return None if found is None else found.path

    def __call__(self) -> Any:
        """What is called with images; random weights are the same ones each time."""
        import torch

        torch.manual_seed(0)
        with torch.inference_mode(False):
            return self.engine.build(self.model, self.weights, self.settings)

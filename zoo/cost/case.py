"""A case: one model with its weights at one setting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from zoo.cost.settings import CostSettings


HIDDEN = -1
"""Replica number of an anchor that runs beside a cohort, and whose own number nobody asked for."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured.

    Attributes
    ----------
    label : str
        Unique among the cases of a call.
    model : str
        ``source/architecture``.
    weights : str, Path or None
        A tag, a checkpoint of the user's, or None for random initialisation.
    settings : CostSettings
    on_curve : bool
        Whether it is a point of a curve over batches, measured only where that goes on so far.
    """

    label: str
    model: str
    weights: str | Path | None
    settings: CostSettings
    on_curve: bool = False

    @property
    def replica(self) -> int:
        """Which half of an A/A pair: 0, or 1 for the second.

        :data:`HIDDEN` for an anchor that nobody asked for.
        """
        return self.settings.replica

    @property
    def is_hidden(self) -> bool:
        """Whether its own number was not asked for."""
        return self.replica == HIDDEN

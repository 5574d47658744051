"""What a worker can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.cost.settings import CostSettings


@dataclass(frozen=True, slots=True)
class Prepare:
    """Have the model that ``settings`` ask for; it is not called."""

    settings: CostSettings


@dataclass(frozen=True, slots=True)
class FirstCall:
    """Make the input and call the model: the seconds of that, or None in a process that called it before."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Call until warm."""


@dataclass(frozen=True, slots=True)
class Round:
    """Time one round."""


@dataclass(frozen=True, slots=True)
class Look:
    """Load the GPU as the last round did, and read its state meanwhile; nothing is timed."""


Request = Prepare | FirstCall | WarmUp | Round | Look

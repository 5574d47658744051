"""What a worker can be asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.cost.settings import CostSettings


@dataclass(frozen=True, slots=True)
class Prepare:
    """Build the model that ``settings`` ask for, without a call."""

    settings: CostSettings


@dataclass(frozen=True, slots=True)
class FirstCall:
    """Make the input and call the model.

    The seconds of that, or None in a process that called it before.
    """


@dataclass(frozen=True, slots=True)
class CountMacs:
    """Count MACs of one image of the size, None where that cannot be done."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Hold outputs against those of the model as built, eager in fp32.

    What was :class:`Compared`, or None where nothing is known.
    """


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Call until warm: the seconds of that, and whether it became so."""


@dataclass(frozen=True, slots=True)
class Round:
    """Take one round: its :data:`Times`, or a value if none are timed."""


@dataclass(frozen=True, slots=True)
class ReadState:
    """Load the GPU as the last round did, and read its state meanwhile."""


Request = Prepare | FirstCall | CountMacs | Compare | WarmUp | Round | ReadState


@dataclass(frozen=True, slots=True)
class Compared:
    """How far outputs are from those of the model as built, eager in fp32.

    Attributes
    ----------
    difference : float
        The largest relative difference.
    images, alike : int
        Images that were classified, and those of them whose first class is the same; 0 where no classes are told.
    blind : bool
        Whether the expected outputs are so much the same for all images that a model which ignored the image would
        pass.
    unstable: bool
        Whether the difference is of the size that rounding makes, which the model amplifies: it tells nothing.
    """

    difference: float
    images: int = 0
    alike: int = 0
    blind: bool = False
    unstable: bool = False


@dataclass(frozen=True, slots=True)
class Several:
    """A round's answer with further numbers, by the keys of their quantities."""

    answer: Times | float
    others: dict[str, float]


Times = list[tuple[float, float | None]]
"""Seconds of wall time of each call, and of device time where the device has a clock of its own."""

"""Settings that were tried, and which of them may be taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.cost.metrics.base import AGREEMENT, DIFFERENCE
from zoo.outcome import Outcome, Status
from zoo.statistics.intervals import median

if TYPE_CHECKING:
    from zoo.cost.settings import CostSettings
    from zoo.statistics.measurement import Measurement


@dataclass(frozen=True, slots=True)
class Tried:
    """A setting that was tried.

    Attributes
    ----------
    settings : CostSettings
    outcome : Outcome
        Of its rounds: three, or those of the last comparison.
    """

    settings: CostSettings
    outcome: Outcome

    @property
    def per_image_ms(self) -> list[float]:
        """Milliseconds an image, one a round."""
        return [ms / self.settings.batch for ms in self.outcome.samples.get("round_medians_ms", ())]

    @property
    def by_round(self) -> dict[int, float]:
        """The same by the number of the round."""
        noted = self.outcome.notes.get("round_index")
        places = [int(str(place)) for place in noted] if isinstance(noted, list) else []
        return dict(zip(places, self.per_image_ms, strict=True))

    @property
    def ran(self) -> bool:
        """Whether there is a time."""
        return self.outcome.status in (Status.OK, Status.UNCONVERGED) and bool(self.per_image_ms)

    @property
    def middle_ms(self) -> float:
        """Median milliseconds an image, infinite of what did not run."""
        return median(self.per_image_ms) if self.ran else float("inf")

    @property
    def difference(self) -> float:
        """How far outputs are from those of the model as built in fp32."""
        found = self.outcome.metrics.get(DIFFERENCE.key)
        return 0.0 if found is None else found.value

    @property
    def agreement(self) -> Measurement | None:
        """Share of real images with the same first class, if weights tell it."""
        return self.outcome.metrics.get(AGREEMENT.key)


@dataclass(frozen=True, slots=True)
class Permitted:
    """How far outputs may be from those of the model as built in fp32.

    Attributes
    ----------
    difference : float
        The largest relative difference of an output.
    agreement : float or None
        Share of real images with the same first class, which makes good for a larger difference. None where nothing
        does.
    """

    difference: float
    agreement: float | None = None

    def allows(self, one: Tried) -> bool:
        """Whether a setting that ran may be taken."""
        alike = one.agreement
        agrees = self.agreement is not None and alike is not None and alike.value >= self.agreement
        return one.difference <= self.difference or agrees

"""What a choice must not exceed or fall under."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.registry.licences import is_permitted

if TYPE_CHECKING:
    from zoo.choice.candidates import Candidate


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on measured values and on static facts; None is no limit.

    A limit on a measured value is held against the value itself; where the interval reaches beyond
    the limit, the choice says that it is not certain.

    Attributes
    ----------
    max_latency_ms : float or None
    min_accuracy : float or None
        A fraction.
    max_params, max_macs : float or None
    min_throughput : float or None
        Images a second.
    licence : tuple of str
        Licences that the weights may have, as :func:`zoo.registry.licences.is_permitted` takes them. Weights
        that were trained here, and random ones, have nobody's licence and meet every limit.
    """

    max_latency_ms: float | None = None
    min_accuracy: float | None = None
    max_params: float | None = None
    max_macs: float | None = None
    min_throughput: float | None = None
    licence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "licence":
                continue
            if value is not None and (not math.isfinite(value) or value <= 0):
                name = field.name.replace("_", "-")
                raise ZooError(f"--{name} must be a number above 0, not {value:g}")
        if self.min_accuracy is not None and self.min_accuracy > 1:
            raise ZooError(f"--min-accuracy is a fraction up to 1, not {self.min_accuracy:g}")


@dataclass(frozen=True, slots=True)
class Violation:
    """A limit that a candidate breaks.

    Attributes
    ----------
    excess : float or None
        How far beyond the limit, as a fraction of it; None where nothing was measured, and for a licence.
    """

    limit: str
    bound: float | str
    value: float | str | None
    excess: float | None

    def __str__(self) -> str:
        if isinstance(self.bound, str):
            return f"{self.limit} {self.bound} (has {self.value or 'none that is stated'})"
        found = "not measured" if self.value is None else f"{self.value:.4g}"
        return f"{self.limit} {self.bound:g} (has {found})"


def violations(candidate: Candidate, limits: Limits) -> list[Violation]:
    """Every limit that a candidate breaks; what was not measured breaks a limit on it."""
    values: dict[str, float | None] = {
        "max_latency_ms": candidate.latency.value if candidate.latency else None,
        "min_accuracy": candidate.accuracy.value if candidate.accuracy else None,
        "max_params": candidate.params,
        "max_macs": candidate.macs,
        "min_throughput": candidate.throughput.value if candidate.throughput else None,
    }
    found = []
    for name, value in values.items():
        bound = getattr(limits, name)
        if bound is None:
            continue
        shown = name.replace("_", "-")
        if value is None:
            found.append(Violation(shown, bound, None, None))
        elif (name.startswith("max") and value > bound) or (name.startswith("min") and value < bound):
            found.append(Violation(shown, bound, float(value), abs(value - bound) / bound))
    if limits.licence and candidate.published_weights and not is_permitted(candidate.licence, limits.licence):
        found.append(Violation("licence", ", ".join(limits.licence), candidate.licence, None))
    return found


def uncertain(candidate: Candidate, limits: Limits) -> list[str]:
    """Limits that the value meets but an end of its interval does not."""
    found = []
    latency, accuracy, throughput = candidate.latency, candidate.accuracy, candidate.throughput
    if limits.max_latency_ms and latency and latency.high and latency.high > limits.max_latency_ms:
        found.append(f"latency may reach {latency.high:.4g} ms")
    if limits.min_accuracy and accuracy and accuracy.low is not None and accuracy.low < limits.min_accuracy:
        found.append(f"accuracy may be as low as {accuracy.low:.3f}")
    if limits.min_throughput and throughput and throughput.low and throughput.low < limits.min_throughput:
        found.append(f"throughput may be as low as {throughput.low:.4g} images/s")
    return found

"""A candidate with its numbers and their marks, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.candidates.quantities import metric_quantities
from zoo.results.number import doubts, spread
from zoo.sources.naming import NO_WEIGHTS
from zoo.statistics.quantity import MEASURES

if TYPE_CHECKING:
    from zoo.candidates.candidate import Candidate


def describe(candidate: Candidate) -> str:
    """A candidate with its numbers and what makes them doubtful."""
    parts = []
    if candidate.accuracy:
        regime = [str(candidate.strategy)]
        if not candidate.is_stated:
            regime += doubts(candidate.accuracy, candidate.marks.get("accuracy"))
        parts.append(f"{MEASURES[candidate.measure].label} {spread(candidate.accuracy, 3)} ({', '.join(regime)})")
    for metric, quantity in metric_quantities().items():
        found = candidate.costs.get(metric)
        if found:
            # Milliseconds and images a second say of themselves what they are of.
            label = "" if metric in ("latency", "throughput") else f"{quantity.label} "
            said = ", ".join(doubts(found, candidate.marks.get(metric)))
            shown = f"{label}{spread(found, quantity.brief)} {quantity.unit}"
            parts.append(shown + (f" ({said})" if said else ""))
    if candidate.params:
        parts.append(f"{candidate.params / 1e6:.1f} M parameters")
    return f"{name_of(candidate)}: " + ", ".join(parts)


def name_of(candidate: Candidate) -> str:
    """Model with its weights."""
    return candidate.model if candidate.weights == NO_WEIGHTS else f"{candidate.model}.{candidate.weights}"

"""What was never measured, and might win by what is published of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.candidates.basis import PUBLISHED
from zoo.registry.catalogue import get
from zoo.registry.search import LEAST_TOP1, list_specs
from zoo.tasks.catalogue import is_named
from zoo.weights.locate import locate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.candidates.candidate import Candidate
    from zoo.canonical import JsonObject
    from zoo.choice.limits import Limits
    from zoo.sources.spec import ModelSpec


SHOWN = 3
"""Models that are named."""


@dataclass(frozen=True)
class Unmeasured:
    """Weights that nothing was measured of, with a higher published top-1.

    Attributes
    ----------
    model : str
        With its tag.
    top1 : float
        Percent, on ImageNet-1k, as published at the size of the weights.
    macs : float
        Of the deployed form at that size.
    chosen_top1 : float
        The highest that is published of the chosen architecture.
    """

    model: str
    top1: float
    macs: float
    chosen_top1: float

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        return {"model": self.model, "top1": self.top1, "macs": self.macs, "chosen_top1": self.chosen_top1}


def unmeasured(candidates: Iterable[Candidate], chosen: Candidate, limits: Limits) -> tuple[Unmeasured, ...]:
    """Models that nothing was measured of, and that might be better.

    Their published top-1 is higher than any that is stated of the chosen architecture, they meet the limits on what
    is known of them, and they have no more MACs than the largest candidate, so that their cost is about what was
    looked at. Nothing where no top-1 is published of the chosen architecture, or no candidate's MACs are known.
    """
    known = list(candidates)
    stated = list_specs(chosen.model, min_top1=LEAST_TOP1)
    most = max((one.macs or 0.0 for one in known), default=0.0)
    if not stated or not most:
        return ()
    to_beat = max(spec.top1 or 0.0 for spec in stated)
    measured = {one.model for one in known}
    most = min(most, limits.bounds.get("macs", most))
    found: dict[str, ModelSpec] = {}
    for spec in list_specs(
        min_top1=to_beat, max_macs=most, max_params=limits.bounds.get("params"), licence=limits.licence, sort="top1"
    ):
        if spec.model not in measured and (spec.top1 or 0.0) > to_beat and _is_native(spec):
            found.setdefault(spec.model, spec)
    return tuple(
        Unmeasured(spec.name, spec.top1 or 0.0, spec.deployed_macs or 0.0, to_beat)
        for spec in list(found.values())[:SHOWN]
    )


def _is_native(spec: ModelSpec) -> bool:
    """Whether a figure is of the size that the weights are measured at."""
    return get(spec.name).input_size == spec.input_size


def commands(found: Iterable[Unmeasured], task: str | None) -> str:
    """The line for a shell that brings and measures some models.

    Parameters
    ----------
    found : iterable of Unmeasured
    task : str or None
        What accuracy was measured on.
    """
    names = [one.model for one in found]
    missing = [name for name in names if not _is_at_hand(name)]
    said = [f"zoo fetch {' '.join(missing)}"] if missing else []
    said += [f"zoo bench {' '.join(names)}"] if names else []
    if names and task and task != PUBLISHED:
        said.append(" ".join(["zoo transfer", *names, "--task", task if is_named(task) else f"path/to/{task}"]))
    return " && ".join(said)


def _is_at_hand(name: str) -> bool:
    spec = get(name)
    return spec.tag is not None and locate(spec.model, spec.tag) is not None

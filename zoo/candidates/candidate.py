"""A model that could be chosen: what it costs and what it reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.candidates.mix import is_mix, mixed
from zoo.canonical import whole
from zoo.registry.catalogue import get
from zoo.sources.figure import robustness
from zoo.statistics.measurement import Measurement
from zoo.statistics.quantity import ACCURACY, BALANCED, ROBUSTNESS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zoo.canonical import JsonObject
    from zoo.results.number import Marks
    from zoo.results.rows import CostRow, TransferRow


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that could be chosen.

    Attributes
    ----------
    model : str
        ``source/architecture``.
    weights : str
        Of the accuracy, or of the cost where no accuracy was measured.
    costs : mapping of str to Measurement
        By metric.
    accuracy : Measurement or None
        By the ``measure``: the share that is right, or its mean over classes.
    measure : str
        ``accuracy`` or ``balanced_accuracy``.
    strategy : str or None
        The regime that reached ``accuracy``.
    published_weights : bool
        Whether the weights are a tag of the library's, rather than random or trained here.
    count : callable or None
        Gives the MACs when they are asked for: those of older records have to be counted.
    licence : str or None
        Of published weights, as the library states it.
    macs_px : int or None
        Side of the image that ``macs`` are of: of those that were timed, or trained on where nothing was timed.
    marks : mapping of str to Marks
        What makes a number doubtful, by metric or ``accuracy``; nothing of those that nothing does.
    is_stated : bool
        Whether ``accuracy`` is what others published.
    records : mapping of str to tuple of str
        Ids of the records behind each number, by metric or ``accuracy``.
    file_digest : str
        SHA-256 of a checkpoint of the user's, whose file ``weights`` names; empty where they are a tag.
    further : mapping of str to Measurement
        What metrics tell beside their headline numbers and may be limited in, by name.
    rows : mapping of str to CostRow
        What the costs were read from, by metric.
    transfer : TransferRow or None
        What the accuracy was read from; None of a published one.
    """

    model: str
    weights: str
    costs: Mapping[str, Measurement]
    accuracy: Measurement | None
    strategy: str | None
    params: int | None
    count: Callable[[], float | None] | None
    published_weights: bool = False
    licence: str | None = None
    macs_px: int | None = None
    marks: Mapping[str, Marks] = field(default_factory=dict)
    is_stated: bool = False
    records: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    file_digest: str = ""
    measure: str = ACCURACY.key
    further: Mapping[str, Measurement] = field(default_factory=dict)
    rows: Mapping[str, CostRow] = field(default_factory=dict, repr=False, compare=False)
    transfer: TransferRow | None = field(default=None, repr=False, compare=False)

    @property
    def macs(self) -> float | None:
        """MACs of one image of ``macs_px``, None where they cannot be counted."""
        return self.count() if self.count else None

    @property
    def robustness(self) -> float | None:
        """Mean top-1 on other images, as published of the weights at their size.

        See :func:`zoo.sources.figure.robustness`.
        """
        if not self.published_weights:
            return None
        spec = get(f"{self.model}.{self.weights}")
        return robustness(spec.published, spec.input_size[1])

    @property
    def latency(self) -> Measurement | None:
        """Milliseconds at batch 1."""
        return self.costs.get("latency")

    @property
    def throughput(self) -> Measurement | None:
        """Images a second."""
        return self.costs.get("throughput")

    def value(self, objective: str) -> Measurement | None:
        """The number of an objective, a mix or a limit, None where unknown."""
        if is_mix(objective):
            return mixed(objective, self.value)
        if objective == ACCURACY.key:
            return self.accuracy
        if objective == BALANCED.key:
            return self.transfer.by(objective) if self.transfer else None
        if objective == ROBUSTNESS.key:
            return None if self.robustness is None else Measurement(self.robustness, ROBUSTNESS.unit)
        if objective in ("params", "macs"):
            count = self.params if objective == "params" else self.macs
            return None if count is None else Measurement(count, "count")
        return self.costs.get(objective, self.further.get(objective))

    def to_dict(self) -> JsonObject:
        """Plain values for JSON, each metric under its name."""
        costs = {name: found.to_dict() for name, found in self.costs.items()}
        return {
            "model": self.model,
            "weights": self.weights,
            "latency": None,
            "throughput": None,
            **costs,
            "accuracy": self.accuracy.to_dict() if self.accuracy else None,
            "measure": self.measure,
            "strategy": self.strategy,
            "params": self.params,
            "macs": whole(self.macs),
            "published_weights": self.published_weights,
            "licence": self.licence,
            "macs_px": self.macs_px,
            "marks": {name: found.to_dict() for name, found in self.marks.items()},
            "records": {name: list(ids) for name, ids in self.records.items()},
        }

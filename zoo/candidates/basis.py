"""Settings of the costs and data cell of the accuracies of a choice."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from zoo.candidates.floor import Floor
from zoo.cost.settings import allocator_text, form_text, threads_text
from zoo.statistics.quantity import ACCURACY, MEASURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.canonical import JsonObject
    from zoo.cost.settings import CostSettings

PUBLISHED = "published"
"""The task that stands for what others state of ImageNet-1k, instead of an accuracy measured here."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What must be alike for costs to be compared.

    Attributes
    ----------
    size : int or "native"
        Side in pixels, or each model's own.
    batch : int or None
        None of a metric that is taken of one image alone.
    """

    device: str
    threads: int
    precision: str
    memory_format: str
    engine: str
    form: str
    allocator: str
    size: int | str
    batch: int | None = None

    @classmethod
    def of(cls, s: CostSettings, size: int | str, batch: int | None) -> Setting:
        """The setting of a trial, its size and batch as they are to be compared."""
        where = s.device, s.threads, s.precision, s.memory_format
        return cls(*where, s.engine, s.form, s.allocator, size, batch)

    def is_at(self, other: Setting) -> bool:
        """Whether two settings are one but for the batch."""
        return self.without_batch() == other.without_batch()

    def without_batch(self) -> tuple[object, ...]:
        """Everything but the batch."""
        where = self.device, self.threads, self.precision, self.memory_format
        return *where, self.engine, self.form, self.allocator, self.size

    @property
    def threads_text(self) -> str:
        """``, 2 threads`` on the CPU, nothing on a GPU."""
        return threads_text(self.device, self.threads)

    def to_text(self, sides: tuple[int, ...]) -> str:
        """The setting in a line, with the sides of the images."""
        parts = [f"on {self.device}{self.threads_text}", self.precision]
        parts += [self.memory_format.replace("_", " ")] if self.memory_format != "contiguous" else []
        parts += [self.engine] if self.engine != "eager" else []
        parts += form_text(self.form) + allocator_text(self.allocator)
        return ", ".join([*parts, f"batch {self.batch or 1}"]) + _at(span(sides))

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        values = asdict(self)
        return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True)
class CostBasis:
    """Where the costs of one metric were taken.

    Attributes
    ----------
    setting : Setting
    sides : tuple of int
        Of the images, in pixels.
    """

    setting: Setting
    sides: tuple[int, ...]


@dataclass(frozen=True)
class Basis:
    """What all candidates have in common.

    Attributes
    ----------
    costs : mapping of str to CostBasis
        By metric.
    cell : tuple or None
        Task and images a class of the accuracies.
    accuracy_px : tuple of int
        Sides of the images that accuracy was measured on, or that a published one is stated for; often not those that
        were timed.
    floor : Floor
        What is reached on the cell without a backbone.
    task_digest : str
        Of the cell's task; empty where its records have none.
    measure : str
        What the accuracies are: ``accuracy`` or ``balanced_accuracy``.
    said : tuple of str
        How the regimes were chosen, a sentence each.
    """

    costs: Mapping[str, CostBasis] = field(default_factory=dict)
    cell: tuple[str, int | str] | None = None
    accuracy_px: tuple[int, ...] = ()
    floor: Floor = field(default_factory=Floor)
    task_digest: str = ""
    measure: str = ACCURACY.key
    said: tuple[str, ...] = ()

    @property
    def setting(self) -> Setting | None:
        """Where the latencies were taken."""
        return self.costs["latency"].setting if "latency" in self.costs else None

    @property
    def latency_px(self) -> tuple[int, ...]:
        """Sides of the images that were timed."""
        return self.costs["latency"].sides if "latency" in self.costs else ()

    @property
    def latency_span(self) -> str:
        """Sides of the images that were timed, such as ``224–299``."""
        return span(self.latency_px)

    @property
    def accuracy_span(self) -> str:
        """Sides of the images that accuracy was measured on."""
        return span(self.accuracy_px)

    def to_text(self) -> str:
        """One line."""
        parts: list[str] = []
        first: CostBasis | None = None
        for metric, found in self.costs.items():
            if first and first.setting.is_at(found.setting) and first.sides == found.sides:
                parts.append(f"{metric} there" + (f" at batch {found.setting.batch}" if found.setting.batch else ""))
            else:
                parts.append(f"{metric} {found.setting.to_text(found.sides)}")
            first = first or found
        if self.cell and self.cell[0] == PUBLISHED:
            parts.append(f"accuracy on ImageNet-1k as published, not measured here{_at(self.accuracy_span)}")
        elif self.cell:
            shots = "all images" if self.cell[1] == "all" else f"{self.cell[1]} images"
            parts.append(
                f"{MEASURES[self.measure].label} on {self.cell[0]} with {shots} a class{_at(self.accuracy_span)}"
            )
        return "; ".join(parts)

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        rate = self.costs.get("throughput")
        known: dict[str, Any] = {
            "setting": self.setting.to_dict() if self.setting else None,
            "cell": self.cell,
            "latency_px": self.latency_px,
            "accuracy_px": self.accuracy_px,
            "rate": rate.setting.to_dict() if rate else None,
            "rate_px": rate.sides if rate else (),
        }
        known |= {"measure": self.measure, "regimes": list(self.said)}
        known |= {"task_digest": self.task_digest or None} | self.floor.to_dict()
        others = {name: found for name, found in self.costs.items() if name not in ("latency", "throughput")}
        return known | {
            name: {"setting": found.setting.to_dict(), "px": found.sides} for name, found in others.items()
        }


def span(sides: tuple[int, ...]) -> str:
    """The smallest and the largest of some sides, such as ``224–299``."""
    return "–".join(str(side) for side in dict.fromkeys((*sides[:1], *sides[-1:])))


def _at(text: str) -> str:
    return f", at {text} px" if text else ""

"""What published figures say of the weights within some limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.registry.catalogue import get

if TYPE_CHECKING:
    from zoo.canonical import JsonObject
    from zoo.registry.rates import Device
    from zoo.shortlist.offer import Offer


BEST = 5
"""Architectures that are worth measuring first."""


@dataclass(frozen=True)
class Findings:
    """What published figures say, none of it measured here.

    Attributes
    ----------
    device : Device or None
        Whose rates are one side of the frontier; MACs are where there is none.
    considered : int
        Weights and sizes that have both figures.
    within : tuple of Offer
        Those within the limits, by falling top-1.
    frontier : tuple of Offer
        Of those, what no other beats in top-1 and in speed (or MACs), the fastest first.
    nearest_miss : Offer or None
        Where nothing qualifies, what breaks the limits by least.
    limits : tuple of str
        As they are read: ``min-throughput 5000``.
    """

    device: Device | None
    considered: int
    within: tuple[Offer, ...]
    frontier: tuple[Offer, ...]
    nearest_miss: Offer | None = None
    limits: tuple[str, ...] = ()

    @property
    def best(self) -> tuple[Offer, ...]:
        """The five best by top-1, each architecture once."""
        found: dict[str, Offer] = {}
        for offer in self.within:
            found.setdefault(offer.spec.model, offer)
        return tuple(found.values())[:BEST]

    @property
    def commands(self) -> tuple[str, ...]:
        """What measures the best here, a command for each size of images."""
        own: dict[int | None, list[str]] = {}
        for offer in self.best:
            native = get(offer.spec.name).input_size[1] == offer.side
            own.setdefault(None if native else offer.side, []).append(offer.spec.name)
        return tuple(
            " ".join(["zoo bench", *names, *([] if side is None else ["--input-size", str(side)])])
            for side, names in own.items()
        )

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        return {
            "device": None if self.device is None else self.device._asdict(),
            "considered": self.considered,
            "within": len(self.within),
            "limits": list(self.limits),
            "frontier": [offer.to_dict() for offer in self.frontier],
            "best": [offer.to_dict() for offer in self.best],
            "nearest_miss": None if self.nearest_miss is None else self.nearest_miss.to_dict(),
            "commands": list(self.commands),
        }

"""Weights at a size of images, with what others publish of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.registry.search import LEAST_TOP1, list_specs
from zoo.sources.figure import IMAGENET, ROBUSTNESS, figure_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zoo.canonical import JsonObject
    from zoo.registry.rates import Rate
    from zoo.sources.figure import Figure
    from zoo.sources.spec import ModelSpec


@dataclass(frozen=True, slots=True)
class Offer:
    """Weights at a size of images, with what others publish of them.

    Attributes
    ----------
    spec : ModelSpec
        At that size.
    figure : Figure
        Top-1 on ImageNet-1k at that size.
    rate : Rate or None
        Of the machine that was asked for.
    """

    spec: ModelSpec
    figure: Figure
    rate: Rate | None = None

    @property
    def side(self) -> int:
        """Of the images, in pixels."""
        return self.spec.input_size[1]

    def robustness(self, dataset: str) -> float | None:
        """Top-1 on other images or labels at the same size, in percent.

        None where that is not stated.
        """
        found = figure_at(self.spec.published, dataset, self.side)
        return found.top1 if found is not None and found.side == self.side else None

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        return {
            "model": self.spec.name,
            "side": self.side,
            "top1": self.figure.top1,
            "source": self.figure.source,
            "images_per_s": None if self.rate is None else self.rate.images_per_s,
            "batch": None if self.rate is None else self.rate.batch,
            "macs": self.spec.deployed_macs,
            "params": self.spec.deployed_params,
            "robustness": {dataset: self.robustness(dataset) for dataset in ROBUSTNESS},
            "licence": self.spec.licence,
        }


def offers(rates: Mapping[tuple[str, int], Rate] | None = None, licence: str | Iterable[str] = ()) -> list[Offer]:
    """Every set of weights at every size that a top-1 is published for.

    Parameters
    ----------
    rates : mapping, optional
        By model and side; what has none at its size is then left out.
    licence : str or iterable of str
        Licences that the weights may have, as :func:`zoo.registry.licences.is_permitted` takes them.
    """
    found: dict[tuple[str, int], Offer] = {}
    for spec in list_specs(min_top1=LEAST_TOP1, licence=licence):
        side = spec.input_size[1]
        figure = figure_at(spec.published, IMAGENET, side)
        rate = None if rates is None else rates.get((spec.model, side))
        if figure is not None and (rates is None or rate is not None):
            found[spec.name, side] = Offer(spec, figure, rate)  # of two figures at one size the same stands
    return list(found.values())

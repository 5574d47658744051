"""Models that published figures speak for, and how to measure them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.checks import number
from zoo.choice.choice import NOTHING_QUALIFIES
from zoo.errors import ZooError, option
from zoo.registry.rates import device_named, rates_on
from zoo.shortlist.findings import Findings
from zoo.shortlist.lines import lines
from zoo.shortlist.offer import Offer, offers
from zoo.sources.figure import robustness
from zoo.statistics.frontier import pareto_frontier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Shortlist(Findings):
    """What published figures speak for, as text and as JSON."""

    @property
    def exit_code(self) -> int:
        """0, or 3 where nothing qualifies."""
        return 0 if self.within else NOTHING_QUALIFIES

    def to_text(self) -> str:
        """Lines as wide as the terminal, or 100 columns where there is none."""
        return "\n".join(lines(self))


def choose_published(
    on: str | None = None,
    *,
    min_accuracy: float | None = None,
    min_robustness: float | None = None,
    min_throughput: float | None = None,
    max_params: float | None = None,
    max_macs: float | None = None,
    licence: str | Iterable[str] = (),
) -> Shortlist:
    """What published figures speak for, before anything is measured here.

    Top-1 on ImageNet-1k against images a second on a machine that somebody measured, or against MACs. Both are of the
    same size of images. Figures of others have no interval, and their speeds are of their machines.

    Parameters
    ----------
    on : str, optional
        A machine that rates are published of: ``rtx-4090``.
    min_accuracy : float, optional
        A fraction.
    min_robustness : float, optional
        Mean top-1 on ImageNet-V2, R, A and Sketch at the same size, a fraction.
    min_throughput : float, optional
        Images a second on that machine.
    max_params, max_macs : float, optional
        Of the form that is deployed.
    licence : str or iterable of str
        Licences that the weights may have, as :func:`zoo.registry.licences.is_permitted` takes them.

    Raises
    ------
    ZooError
        For an unknown machine or licence, a limit that is not above zero, and a throughput without a machine.
    """
    limits = [
        _Limit("min_accuracy", min_accuracy, lambda offer: offer.figure.top1 / 100, lower=True),
        _Limit(
            "min_robustness", min_robustness, lambda offer: robustness(offer.spec.published, offer.side), lower=True
        ),
        _Limit("min_throughput", min_throughput, _rate, lower=True),
        _Limit("max_params", max_params, lambda offer: offer.spec.deployed_params, lower=False),
        _Limit("max_macs", max_macs, lambda offer: offer.spec.deployed_macs, lower=False),
    ]
    for name, bound in (("min_accuracy", min_accuracy), ("min_robustness", min_robustness)):
        if bound is not None and bound > 1:
            raise ZooError(f"{option(name)} is a fraction up to 1, not {bound:g}")
    if min_throughput is not None and on is None:
        raise ZooError(f"{option('min_throughput')} is of a machine: name one with {option('on')}")
    device = None if on is None else device_named(on)
    found = offers(None if device is None else rates_on(device), licence)
    known = [offer for offer in found if device is not None or offer.spec.deployed_macs is not None]
    asked = [limit for limit in limits if limit.bound is not None]
    excess = {id(offer): math.fsum(limit.excess(offer) for limit in asked) for offer in known}
    within = [offer for offer in known if excess[id(offer)] == 0]
    ranked = tuple(sorted(within, key=lambda offer: (-offer.figure.top1, _cost(offer), offer.spec.name)))
    front = pareto_frontier([(_cost(offer), offer.figure.top1) for offer in ranked])
    near = [offer for offer in known if math.isfinite(excess[id(offer)])]
    missed = min(near, key=lambda offer: excess[id(offer)], default=None) if not within else None
    said = tuple(f"{limit.name.replace('_', '-')} {limit.bound:g}" for limit in asked)
    return Shortlist(device, len(known), ranked, tuple(ranked[place] for place in front), missed, said)


@dataclass(frozen=True, slots=True)
class _Limit:
    """A bound on something published, the lower or the upper one."""

    name: str
    bound: float | None
    value: Callable[[Offer], float | None]
    lower: bool

    def __post_init__(self) -> None:
        if self.bound is not None:
            number(self.bound, "", self.name)

    def excess(self, offer: Offer) -> float:
        """How far an offer is beyond it, as a fraction of it; infinite where the value is not known."""
        assert self.bound is not None
        found = self.value(offer)
        if found is None:
            return math.inf
        beyond = self.bound - found if self.lower else found - self.bound
        return max(0.0, beyond / self.bound)


def _rate(offer: Offer) -> float | None:
    return None if offer.rate is None else offer.rate.images_per_s


def _cost(offer: Offer) -> float:
    """What is to be small: seconds an image on the machine, or MACs."""
    if offer.rate is not None:
        return 1 / offer.rate.images_per_s
    return offer.spec.deployed_macs or math.inf

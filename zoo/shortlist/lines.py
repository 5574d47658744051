"""The lines of a shortlist as a terminal shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.formats import render
from zoo.formats.table import Table
from zoo.registry.licences import marked_licence
from zoo.report.numbers import MISSING, scaled
from zoo.sources.figure import ROBUSTNESS
from zoo.terminal import wrapped

if TYPE_CHECKING:
    from zoo.shortlist.findings import Findings
    from zoo.shortlist.offer import Offer


def lines(found: Findings) -> list[str]:
    """What published figures speak for, and the commands that measure it."""
    within = f" Within {', '.join(found.limits)}: {len(found.within)}." if found.limits else ""
    said = [f"Published, not measured here: {_what(found)}. {found.considered} weights and sizes have both.{within}"]
    if not found.within:
        said.append("Nothing qualifies.")
        said += [] if found.nearest_miss is None else [f"Nearest miss: {_described(found.nearest_miss)}."]
        return wrapped(said)
    said.append(f"Highest top-1: {_described(found.within[0])}.")
    text = [*wrapped(said), "", render(_table(found), "table"), "", "To measure the best of these here:"]
    return [*text, *(f"  {command}" for command in found.commands)]


def _what(found: Findings) -> str:
    if found.device is None:
        return "top-1 on ImageNet-1k against MACs of the deployed form"
    device = found.device
    return (
        f"top-1 on ImageNet-1k against images a second on {device.name} ({device.how}; {device.source}), "
        "both at one size of images"
    )


def _described(offer: Offer) -> str:
    parts = [f"top-1 {offer.figure.top1:.2f}% at {offer.side} px"]
    if offer.rate is not None:
        parts.append(f"{offer.rate.images_per_s:,.0f} images/s at batch {offer.rate.batch}")
    parts += [
        f"{scaled(offer.spec.deployed_macs, 1e9)} GMACs",
        f"{scaled(offer.spec.deployed_params, 1e6)} M parameters",
    ]
    return f"{offer.spec.name}, {', '.join(parts)}, licence {marked_licence(offer.spec.licence) or MISSING}"


def _table(found: Findings) -> Table:
    """The frontier, the fastest first; what is stated of other images goes where the screen is narrow."""
    rate = () if found.device is None else (f"images/s on {found.device.name}", "batch")
    others = tuple(f"{name}, %" for name in ROBUSTNESS.values())
    headers = ("model", "input, px", "top-1, %", *rate, "MACs, G", "params, M", *others, "licence", "top-1 stated by")
    rows = tuple(_row(offer) for offer in found.frontier)
    caption = "The frontier: no other is both more accurate and faster."
    if found.device is None:
        caption = "The frontier: no other is more accurate with fewer MACs."
    spare = (*others, "params, M", "top-1 stated by")
    return Table(
        "", caption, headers, rows, spare=spare, spare_note=f"{', '.join(ROBUSTNESS.values())}: top-1 there."
    )


def _row(offer: Offer) -> tuple[str, ...]:
    rate = () if offer.rate is None else (f"{offer.rate.images_per_s:,.0f}", str(offer.rate.batch))
    others = (offer.robustness(dataset) for dataset in ROBUSTNESS)
    return (
        offer.spec.name,
        str(offer.side),
        f"{offer.figure.top1:.2f}",
        *rate,
        scaled(offer.spec.deployed_macs, 1e9),
        scaled(offer.spec.deployed_params, 1e6),
        *(MISSING if top1 is None else f"{top1:.2f}" for top1 in others),
        marked_licence(offer.spec.licence) or MISSING,
        offer.figure.source,
    )

"""What a search looks at: models whose weights are at hand, or may come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.candidates.candidates import stated_candidate
from zoo.candidates.quantities import further_quantities
from zoo.choice.limits import violations
from zoo.cost.metrics import METRICS
from zoo.plans.weights import find_weights
from zoo.registry.catalogue import get
from zoo.searching.trail import WEIGHTS
from zoo.shortlist.shortlist import choose_published
from zoo.sources.naming import AUTO
from zoo.sources.user import registered
from zoo.statistics.quantity import MEASURES
from zoo.weights.fetch import check_room, download_all, survey, wanted
from zoo.weights.inventory import CUT, DAMAGED, inventory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from zoo.choice.limits import Limits
    from zoo.searching.trail import Trail


BROUGHT, MOST_MACS = 5, 5e9
"""Weights that are fetched, and the MACs that they have at most where no limit says."""


def models_at_hand(stand_in: str) -> list[str]:
    """Architectures with weights on this machine, a user's own among them."""
    found = [file.name for file in inventory() if file.name and file.state not in (CUT, DAMAGED)]
    own = [name for name in registered() if find_weights(name, AUTO, stand_in).file is not None]
    return list(dict.fromkeys([*sorted(found), *own]))


def bring(models: Sequence[str], limits: Limits, say: Callable[[str], None]) -> None:
    """Fetch published weights that are not at hand.

    Those of the models. Where none are named those that published figures speak for: the most accurate of the
    frontier of top-1 against MACs, within the limits. What cannot come is said.
    """
    named = [name for name in models if get(name).tags and find_weights(name, AUTO).file is None]
    items = survey(wanted(named if models else _promising(limits)))
    for item in items:
        if item.problem:
            say(f"{item.full_name} cannot come: {item.problem}")
    coming = [item for item in items if item.file is None and item.remote is not None]
    check_room(coming)
    for item, _, problem in download_all(coming):
        say(f"{item.full_name} cannot come: {problem}" if problem else f"{item.full_name} came")


def _promising(limits: Limits) -> list[str]:
    bounds = limits.bounds
    found = choose_published(
        min_robustness=bounds.get("robustness"),
        max_params=bounds.get("params"),
        max_macs=bounds.get("macs", MOST_MACS),
        licence=limits.licence,
    )
    return [offer.spec.name for offer in found.frontier[-BROUGHT:]]


def within(names: Iterable[str], limits: Limits, stand_in: str, trail: Trail, spent: float) -> list[str]:
    """Models at hand that the limits leave by what the catalogue knows."""
    known = limits.but([*METRICS, *further_quantities(), *MEASURES])
    kept = []
    for name in names:
        weights = find_weights(name, AUTO, stand_in)
        full = f"{weights.model}.{weights.tag}"
        broken = violations(stated_candidate(weights.model, weights.tag), known)
        why = "; ".join(map(str, broken))
        if not why and weights.file is None:
            why = str(weights.error) if weights.error else f"weights are not at hand; `zoo fetch {full}` brings them"
        trail.note(full, WEIGHTS, "", why, spent)
        if not why:
            kept.append(name)
    return kept

"""What the page's script works on: candidates, their numbers, standings."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from zoo.candidates.quantities import quantities
from zoo.choice.choice import choose_from
from zoo.choice.description import describe, name_of
from zoo.choice.limits import limits_by_name
from zoo.choice.margins import Margins
from zoo.choice.ties import ROUNDING, is_as_stated
from zoo.errors import ZooError
from zoo.formats.escaping import visible
from zoo.registry.catalogue import get
from zoo.registry.licences import is_permitted, warning_of
from zoo.report.numbers import with_interval
from zoo.webpage.families import Families
from zoo.webpage.standings import standings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.candidates.basis import Basis
    from zoo.candidates.candidate import Candidate
    from zoo.canonical import JsonObject
    from zoo.statistics.measurement import Measurement
    from zoo.statistics.quantity import Quantity


def page_data(candidates: Sequence[Candidate], basis: Basis) -> JsonObject:
    """Candidates as the page's script takes them, as values for JSON.

    Every text in it is in one line of characters that can be seen.

    Parameters
    ----------
    candidates : sequence of Candidate
        At least one with a number.
    basis : Basis
        What they have in common.
    """
    known = {name: one for name, one in quantities().items() if any(c.value(name) for c in candidates)}
    taken = next((name for name in ("accuracy", "latency") if name in known), next(iter(known), ""))
    licences = sorted({c.licence for c in candidates if c.published_weights and c.licence})
    families = Families([family_of(one.model) for one in candidates])
    loading = choose_from((), basis)
    found: JsonObject = _seen(
        {
            "quantities": [_quantity(name, one) for name, one in known.items()],
            "models": [
                {
                    "name": name_of(one),
                    "family": families.names[place],
                    "group": families.group(place),
                    "strategy": one.strategy or "",
                    "licence": one.licence or "",
                    "published": one.published_weights,
                    "permitted": [n for n, name in enumerate(licences) if is_permitted(one.licence, (name,))],
                    "described": describe(one),
                    "below": " and ".join(short.of for short in basis.floor.shortfalls(one.accuracy) if short.below),
                    "mind": _mind(one, basis),
                    "line": "" if one.file_digest else replace(loading, chosen=one).python_line,
                    "values": {name: _value(one, name, quantity) for name, quantity in known.items()},
                }
                for place, one in enumerate(candidates)
            ],
            "objectives": {name: standings(candidates, name) for name in known},
            "objective": taken,
            "margins": asdict(Margins()),
            "rounding": ROUNDING,
            "licences": licences,
            "groups": families.groups(),
        }
    )
    return found


def _seen(value: Any) -> Any:
    """The same, each text in one line of which every character can be seen."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _seen(one) for key, one in value.items()}
    return [_seen(one) for one in value] if isinstance(value, list) else value


def family_of(model: str) -> str:
    """The family of an architecture, of one that is not known here its source."""
    try:
        return get(model).family
    except ZooError:  # a user's model whose module is not imported now
        return model.partition("/")[0]


def _quantity(name: str, quantity: Quantity) -> JsonObject:
    """A quantity as the script takes it; what is measured is compared in the unit that is kept."""
    assert quantity.limit in limits_by_name()
    return {
        "name": name,
        "label": quantity.label,
        "unit": quantity.shown_as,
        "factor": quantity.factor,
        "better": quantity.better,
        "limit": quantity.limit_shown,
        "fraction": quantity.unit == "fraction",
        "decimals": quantity.decimals,
    }


def _value(candidate: Candidate, name: str, quantity: Quantity) -> JsonObject | None:
    """A number with its interval as it is kept, and as it is shown."""
    found: Measurement | None = candidate.value(name)
    if found is None:
        return None
    marks = candidate.marks.get(name)
    said = ("*" if marks and marks.flags else "") + ("~" if marks and marks.unconverged else "")
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "text": with_interval(found, quantity) + said,
        "stated": is_as_stated(candidate, name),
    }


def _mind(candidate: Candidate, basis: Basis) -> list[str]:
    """What is to be known of a candidate that is recommended, a sentence each."""
    said = [f"Its accuracy is {short.text}." for short in basis.floor.shortfalls(candidate.accuracy)]
    warning = warning_of(candidate.licence)
    return [*said, f"Mind the {warning}."] if warning else said

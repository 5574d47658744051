"""Two settings of the same models compared: forms, engines, regimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from zoo.canonical import canonical_text
from zoo.checks import number
from zoo.compare.compare import NOT_MEASURED, Comparison, is_replica
from zoo.compare.judging import judge
from zoo.cost.settings import CostSettings
from zoo.errors import UnknownNameError, ZooError
from zoo.regimes.settings import TransferSettings
from zoo.results.view import check_results
from zoo.sources.naming import NO_WEIGHTS, RANDOM
from zoo.statistics.comparison import MARGIN

if TYPE_CHECKING:
    from zoo.results.record import Record
    from zoo.results.view import Results

NAMES = tuple(dict.fromkeys(field.name for kind in (CostSettings, TransferSettings) for field in fields(kind)))
"""Settings by which sides may be named."""

OF_A_STRATEGY = ("recipe", "probe")
"""Settings that strategies have or have not."""

WITHOUT = (RANDOM, NO_WEIGHTS)
"""Weights of regimes that start without any, which are held against those that have some."""


def compare_settings(
    results: Results, a: Mapping[str, object], b: Mapping[str, object], margin: float = MARGIN
) -> Comparison:
    """Compare two settings of the same models, all else alike.

    Parameters
    ----------
    results : Results
        Of one machine.
    a, b : mapping
        Values of the same settings on each side: ``{"engine": "eager"}`` and ``{"engine": "onnxruntime"}``; the side
        in pixels for ``input_size``.
    margin : float
        Relative change of a cost that is called the same.

    Raises
    ------
    ZooError
        Where settings are unknown or not the same on both sides, or nothing was measured at both.
    """
    check_results(results, "results")
    number(margin, "", "margin")
    _check(a, b)
    results.check_one_machine()
    measured = [r for r in results.records if r.trial.kind not in NOT_MEASURED and not is_replica(r)]
    sides = [[record for record in measured if _is_at(record, side)] for side in (a, b)]
    for side, found in zip((a, b), sides, strict=True):
        if not found:
            raise ZooError(f"nothing was measured at {_text(side)}; see `zoo results list`")
    others: dict[str, list[Record]] = {}
    for record in sides[1]:
        others.setdefault(_else(record, b), []).append(record)
    pairs = [(x, y) for x in sides[0] for y in others.get(_else(x, a), []) if _same_weights(x, y)]
    if not pairs:
        raise ZooError(f"no model was measured both at {_text(a)} and at {_text(b)}, all else alike")
    said = [f"A is {_text(a)}, B is {_text(b)}, all else alike."]
    cohorts = [
        [record.outcome.notes.get("cohort") for record in pair] for pair in pairs if pair[0].trial.kind == "cost"
    ]
    if apart := sum(one != other for one, other in cohorts):
        said.append(
            f"Rounds of {apart} of the {len(cohorts)} costs were not the same ones: "
            "by how much the machine moved between is not in their intervals."
        )
    return Comparison(tuple(judge(pairs, margin)), (), (), margin=margin, about=tuple(said))


def _check(a: Mapping[str, object], b: Mapping[str, object]) -> None:
    for key, side in (("a", a), ("b", b)):
        if not isinstance(side, Mapping):
            raise ZooError(f"{key} must be settings by name, not {side!r}")
    for name in (*a, *b):
        if name not in NAMES:
            raise UnknownNameError("setting", name, NAMES, f"of costs and regimes: {', '.join(NAMES)}")
    if not a:
        raise ZooError("a must be one setting at least")
    if a.keys() != b.keys():
        raise ZooError(f"b must be values of the same settings as a ({', '.join(a)}), not {_text(b) or 'none'}")
    if {name: str(value) for name, value in a.items()} == {name: str(value) for name, value in b.items()}:
        raise ZooError(f"both sides are {_text(a)}; nothing to compare")


def _is_at(record: Record, side: Mapping[str, object]) -> bool:
    settings = record.trial.settings
    return all(hasattr(settings, name) and str(_value(settings, name)) == str(value) for name, value in side.items())


def _value(settings: object, name: str) -> object:
    return getattr(settings, "side" if name == "input_size" else name)


def _else(record: Record, side: Mapping[str, object]) -> str:
    """What both sides must have in common, as text."""
    apart = {*side, *(OF_A_STRATEGY if "strategy" in side else ())}
    settings = {name: value for name, value in record.trial.settings.to_dict().items() if name not in apart}
    return canonical_text({"model": record.trial.model, "kind": record.trial.kind, "settings": settings})


def _same_weights(x: Record, y: Record) -> bool:
    weights = x.trial.weights, y.trial.weights
    return weights[0] == weights[1] or any(one in WITHOUT for one in weights)


def _text(side: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in side.items())

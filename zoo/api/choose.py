"""Choosing a backbone from results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.choice.choice import choose as choose_among
from zoo.choice.limits import Limits, limits_by_name

if TYPE_CHECKING:
    from zoo.choice.choice import Choice
    from zoo.results.view import Results as RecordResults


def choose(results: RecordResults, objective: str = "accuracy", **options: Any) -> Choice:
    """Choose a backbone from results.

    Parameters
    ----------
    results : Results
    objective : str
        ``accuracy``, ``latency``, ``throughput``, ``params`` or ``macs``.
    options
        The limits of :class:`zoo.choice.limits.Limits` (``max_latency_ms=20``), and ``device``, ``threads``,
        ``input_size``, ``batch``, ``task``, ``shots``, ``strategy`` of :func:`zoo.choice.choice.choose`.

    Raises
    ------
    ZooError
        For an unknown objective, or nothing to choose from.
    """
    names = [name for name in options if name == "licence" or name in limits_by_name()]
    limits = Limits(**{name: options.pop(name) for name in names})
    return choose_among(results, objective, limits, **options)

"""Weights that are at hand, or fetched now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.weights.fetch import fetch_one
from zoo.weights.locate import locate, missing, resolve_tag

if TYPE_CHECKING:
    from zoo.weights.file import WeightsFile


def obtain(name: str, weights: str) -> WeightsFile:
    """Weights at hand, or downloaded if there is a network.

    Raises
    ------
    WeightsError
        Names the file wanted, where it was looked for, and what to do.
    """
    tag = resolve_tag(name, weights)
    found = locate(name, tag)
    if found is not None:
        return found
    try:
        return fetch_one(name, tag)
    except WeightsError as error:
        raise missing(name, tag, str(error)) from None

"""Percentiles by their names, such as ``p90_ms``."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMED = re.compile(r"p(\d+)_(\w+)")


def disordered(values: Mapping[str, float]) -> tuple[str, str] | None:
    """Two percentiles of which the higher is less, by name, or None.

    Parameters
    ----------
    values : mapping of str to float
        By name; what is no percentile is passed over, and those of two units are not held together.
    """
    stated = sorted((m[2], int(m[1]), name) for name in values if (m := NAMED.fullmatch(name)))
    for (unit, _, lower), (other, _, higher) in pairwise(stated):
        if unit == other and values[higher] < values[lower]:
            return lower, higher
    return None

"""Batches of a plan: numbers, and the points that a curve may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from zoo.checks import place
from zoo.cost.metrics import METRICS
from zoo.errors import InputFileError

if TYPE_CHECKING:
    from collections.abc import Sequence


CURVE: Literal["curve"] = "curve"
"""In the place of a batch: powers of two, as far as each model's curve goes on."""

LARGEST, LARGEST_ON_GPU = 256, 4096
"""The largest point of a curve on a CPU, which a few images fill, and on a GPU."""


def points_on(device: str) -> tuple[int, ...]:
    """Batches that a curve may have on a device."""
    largest = LARGEST if device == "cpu" else LARGEST_ON_GPU
    return tuple(2**power for power in range(largest.bit_length()))


def planned_batches(batches: Sequence[int | str], metric: str, device: str) -> list[tuple[int, bool]]:
    """Batches of a metric in their order, a curve's among them by size.

    Returns
    -------
    list of (int, bool)
        With whether one is measured only where the curve goes on so far. Those that were asked for by number are
        measured in any case.
    """
    found = METRICS.get(metric)
    if not found.at_batches:
        return [(1, False)]
    asked = [batch for batch in batches if isinstance(batch, int)]
    if CURVE not in batches or not found.curved:
        return [(batch, False) for batch in asked]
    return [(batch, batch not in asked) for batch in sorted({*asked, *points_on(device)})]


def check_batches(batches: Sequence[int | str], metrics: Sequence[str], where: str, key: str) -> None:
    """Refuse a curve of what has none, and what it leaves without a batch.

    Raises
    ------
    InputFileError
    """
    if CURVE not in batches:
        return
    curved = [name for name in METRICS if METRICS.get(name).curved]
    if not set(metrics) & set(curved):
        raise InputFileError(
            f"{place(where, key)}: {CURVE!r} is of {' and '.join(curved)}, which is not among the metrics; name it "
            "there, or give numbers"
        )
    left = [name for name in metrics if METRICS.get(name).at_batches and name not in curved]
    if left and not any(isinstance(batch, int) for batch in batches):
        raise InputFileError(
            f"{place(where, key)}: {CURVE!r} is of {' and '.join(curved)} alone; add a number for {', '.join(left)}"
        )

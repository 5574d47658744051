"""A ratio of means over several groups, with an interval that carries all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.statistics.comparison import least_variance
from zoo.statistics.intervals import two_way
from zoo.statistics.measurement import Measurement
from zoo.statistics.student import quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """What one cell of a group adds to a ratio of means.

    Attributes
    ----------
    group : str
        What the cell is of, such as a backbone. Groups weigh alike, and so do the cells of a group.
    seeds : tuple of int
    over, under : sequence of sequence of float
        Numerators and denominators, shape (seeds, images). Of one column, they are a number for each seed.
    """

    group: str
    seeds: tuple[int, ...]
    over: Sequence[Sequence[float]]
    under: Sequence[Sequence[float]]


def plain(group: str, seeds: tuple[int, ...], values: Sequence[Sequence[float]]) -> Part:
    """A part whose denominators are 1, so that the ratio is a mean."""
    return Part(group, seeds, values, [[1.0] * len(row) for row in values])


def pooled(parts: Sequence[Part], unit: str = "fraction") -> Measurement | None:
    """Mean numerator over mean denominator, over groups, seeds and images.

    Half the interval's width is the root of two squares. The first is Student's, of the groups' departures from the
    ratio, where there are two groups or more. The second is that of the mean over groups, a table of seeds by images
    (:func:`zoo.statistics.intervals.two_way`). Both are of the ratio's linear approximation
    (Cochran, *Sampling Techniques*, 3rd ed., section 6.4).

    Parameters
    ----------
    parts : sequence of Part
        Those that have another number of images than most are left out.
    unit : str

    Returns
    -------
    Measurement or None
        ``n`` counts the groups. None where the mean denominator is 0. There is no interval of one group with one
        number.
    """
    import numpy as np

    parts = _alike(parts)
    groups = list(dict.fromkeys(part.group for part in parts))
    if not groups:
        return None
    of_groups = [[part for part in parts if part.group == group] for group in groups]
    over, under = (
        float(np.mean([np.mean([np.mean(getattr(part, side)) for part in found]) for found in of_groups]))
        for side in ("over", "under")
    )
    if under <= 0:
        return None
    value = over / under
    tables = [[_departures(part, value, under) for part in found] for found in of_groups]
    halves = [_half_of(np.array([np.mean([table.mean() for table in found]) for found in tables]))]
    halves.append(_half_of_seeds(of_groups, tables))
    known = [half for half in halves if half is not None]
    if not known:
        return Measurement(value, unit, n=len(groups))
    half = math.hypot(*known)
    return Measurement(value, unit, value - half, value + half, len(groups))


def _alike(parts: Sequence[Part]) -> list[Part]:
    """Parts of as many images as most have."""
    widths = [len(part.over[0]) for part in parts]
    most = max(widths, key=widths.count, default=0)
    return [part for part, width in zip(parts, widths, strict=True) if width == most]


def _departures(part: Part, ratio: float, under: float) -> Array:
    """By how much each seed and image moves the ratio, shape (seeds, images)."""
    import numpy as np

    return np.asarray((np.asarray(part.over, dtype=float) - ratio * np.asarray(part.under, dtype=float)) / under)


def _half_of(means: Array) -> float | None:
    """Half a t interval of the mean of so many, None of one."""
    n = len(means)
    return None if n < 2 else quantile(0.975, n - 1) * float(means.std(ddof=1)) / math.sqrt(n)


def _half_of_seeds(of_groups: Sequence[Sequence[Part]], tables: Sequence[Sequence[Array]]) -> float | None:
    """Half the interval of seeds and images.

    A seed that some cells lack is the mean of the others. Each cell is centred, so that this moves nothing else.
    """
    import numpy as np

    seeds = sorted({seed for found in of_groups for part in found for seed in part.seeds})
    rows = []
    for seed in seeds:
        means = []
        for found, of_group in zip(of_groups, tables, strict=True):
            here = [
                table[part.seeds.index(seed)] - table.mean()
                for part, table in zip(found, of_group, strict=True)
                if seed in part.seeds
            ]
            means += [np.mean(here, axis=0)] if here else []
        rows.append(np.mean(means, axis=0))
    images = len(rows[0])
    if images == 1:
        return _half_of(np.array(rows)[:, 0])
    return two_way(np.array(rows).tolist(), least_variance=least_variance(images)).half_width()

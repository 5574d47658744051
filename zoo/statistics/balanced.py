"""Mean recall over classes: its value and interval, over seeds too."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.statistics.intervals import two_way
from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


IMBALANCED = 1.5
"""The largest class over the smallest, above which accuracy says least about the small ones."""

Z = 1.959964
"""Half width of a 95% interval in standard errors."""


def is_imbalanced(counts: Sequence[int]) -> bool:
    """Whether the largest class is over 1.5 times the smallest.

    Classes without an image count for nothing.
    """
    there = [count for count in counts if count]
    return bool(there) and max(there) > IMBALANCED * min(there)


def balanced_accuracy(right: Sequence[int], counts: Sequence[int]) -> Measurement:
    """Mean recall of one seed.

    The interval is by the delta method: the recalls' binomial variances, with one image right and one wrong added to
    each class, so that a class which is all right has some too.

    Parameters
    ----------
    right, counts : sequence of int
        Test images of each class that were named rightly, and all of them; none of ``counts`` is 0.
    """
    recalls = [hits / images for hits, images in zip(right, counts, strict=True)]
    variance = sum(_shrunk_variance(hits, images) for hits, images in zip(right, counts, strict=True))
    value, half = math.fsum(recalls) / len(recalls), Z * math.sqrt(variance) / len(recalls)
    return Measurement(value, "fraction", max(0.0, value - half), min(1.0, value + half), sum(counts))


def balanced_over_seeds(correct: Sequence[Sequence[int]], labels: Sequence[int]) -> Measurement:
    """Mean recall over classes and seeds, with its interval.

    It carries the seeds and the test images, as that of :func:`zoo.statistics.intervals.accuracy_over_seeds` does,
    on the table of :func:`by_class`. A class that is all right or all wrong in every seed shows no spread, and has
    that of one image right and one wrong more. With one seed, the interval of :func:`balanced_accuracy`.

    Parameters
    ----------
    correct : sequence of sequence of int
        0 or 1, shape (seeds, images).
    labels : sequence of int
        Classes of the test images.

    Raises
    ------
    ValueError
        Rows that are not as long as the labels.
    """
    import numpy as np

    table, classes = np.asarray(correct, dtype=float), np.asarray(labels, dtype=int)
    if table.ndim != 2 or table.shape[1] != len(classes) or not table.size:
        raise ValueError(f"results of shape {table.shape} are not of {len(classes)} labels")
    counts = np.bincount(classes)
    right = np.bincount(classes, table.sum(axis=0))[counts > 0]
    counts = counts[counts > 0]
    if len(table) == 1:
        return balanced_accuracy(right.astype(int).tolist(), counts.tolist())
    found = two_way(by_class(table, classes).tolist())
    hidden = hidden_variance((right / len(table)).tolist(), counts.tolist())
    half = replace(found, variance=found.variance + hidden).half_width()
    return Measurement(found.mean, "fraction", max(0.0, found.mean - half), min(1.0, found.mean + half), len(classes))


def by_class(table: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """A table whose mean and spread are those of the mean over classes.

    Each entry is the mean over classes, plus what the image departs from its class, weighted so that each class
    counts alike: a row's mean is that seed's mean over classes, and columns vary within classes alone, whose sizes
    are given and no draw.

    Parameters
    ----------
    table : ndarray
        (seeds, images).
    labels : ndarray
        (images,).
    """
    import numpy as np

    counts = np.bincount(labels)
    sums = np.bincount(labels, table.mean(axis=0))
    there = counts > 0
    means = sums / np.maximum(counts, 1)
    weights = len(labels) / (there.sum() * counts[labels])
    return np.asarray(means[there].mean() + weights * (table - means[labels]))


def alike(table: NDArray[np.float64], labels: Sequence[int] | None) -> NDArray[np.float64]:
    """A table in which every class counts alike, or as it is without labels.

    Parameters
    ----------
    table : ndarray
        (seeds, images).
    labels : sequence of int or None
        Classes of the images, for :func:`by_class`.
    """
    import numpy as np

    return table if labels is None else by_class(table, np.asarray(labels, dtype=int))


def hidden_variance(right: Sequence[float], counts: Sequence[int]) -> float:
    """Variance that classes hide which are all right or all wrong.

    It is of the mean over classes.
    """
    still = [(int(hits), n) for hits, n in zip(right, counts, strict=True) if hits in (0, n)]
    return sum(_shrunk_variance(hits, n) for hits, n in still) / len(counts) ** 2


def _shrunk_variance(right: int, images: int) -> float:
    """Variance of a recall with one image right and one wrong added."""
    share = (right + 1) / (images + 2)
    return share * (1 - share) / images

"""Two strategies in pairs: the same seeds and the same test images.

Where test images are unequally many of each class, every class counts alike: balanced accuracies are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.regimes.strategies import find_strategy
from zoo.statistics.balanced import alike
from zoo.statistics.comparison import paired_difference
from zoo.statistics.quantity import ACCURACY, BALANCED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zoo.results.rows import TransferRow
    from zoo.statistics.comparison import AccuracyDifference

    BySeed = Mapping[int, list[int]]


@dataclass(frozen=True)
class Pairs:
    """What two strategies got right, seed by seed and image by image.

    Attributes
    ----------
    seeds : tuple of int
    first, second : list of list of int
        0 or 1, shape (seeds, images).
    labels : list of int or None
        Classes of the images, where each class counts alike.
    """

    seeds: tuple[int, ...]
    first: list[list[int]]
    second: list[list[int]]
    labels: list[int] | None = None

    @property
    def differences(self) -> list[list[float]]:
        """The second less the first, seed by seed and image by image."""
        sides = zip(self.first, self.second, strict=True)
        return weighted([[b - a for a, b in zip(*side, strict=True)] for side in sides], self.labels)

    @property
    def left_to_gain(self) -> list[list[float]]:
        """What the first has wrong, seed by seed and image by image."""
        return weighted([[1.0 - right for right in seed] for seed in self.first], self.labels)

    @property
    def difference(self) -> AccuracyDifference:
        """Accuracy of the second less that of the first."""
        return paired_difference(self.first, self.second, labels=self.labels)


def in_pairs(first: TransferRow, second: TransferRow, measure: str | None = None) -> Pairs | None:
    """Put two rows into pairs.

    A strategy that gives every seed the same is run once on all training images. Its one run stands beside each seed
    of the other.

    Parameters
    ----------
    first, second : TransferRow
    measure : str, optional
        Accuracy, or the balanced one; otherwise the balanced one where test images are unequally many of each class.

    Returns
    -------
    Pairs or None
        None where the two share no seed, or were tested on different images.
    """
    a, b = _by_seed(first), _by_seed(second)
    if is_same_for_all(first):
        a = _repeated(a, b)
    if is_same_for_all(second):
        b = _repeated(b, a)
    common = tuple(seed for seed in a if seed in b and len(a[seed]) == len(b[seed]))
    if not common:
        return None
    classes = class_labels(first) or class_labels(second)
    if measure is not None:
        classes = first.labels or second.labels if measure == BALANCED.key else None
    return Pairs(common, [a[seed] for seed in common], [b[seed] for seed in common], classes)


def difference(first: TransferRow, second: TransferRow) -> AccuracyDifference | None:
    """Accuracy of the second row less that of the first, None without pairs."""
    found = in_pairs(first, second)
    return None if found is None else found.difference


def judged(row: TransferRow) -> float:
    """The accuracy of a row, of unequal classes the balanced one."""
    return row.tested(BALANCED.key if row.is_unequal else ACCURACY.key)


def class_labels(row: TransferRow) -> list[int] | None:
    """Classes of the test images, None where all count alike as they are."""
    return row.labels if row.is_unequal else None


def weighted(table: Sequence[Sequence[float]], labels: Sequence[int] | None) -> list[list[float]]:
    """A table of seeds by images, with labels one whose mean is over classes."""
    import numpy as np

    found: list[list[float]] = alike(np.asarray(table, dtype=float), labels).tolist()
    return found


def is_same_for_all(row: TransferRow) -> bool:
    """Whether every seed of the row would have given the same."""
    strategy = find_strategy(row.strategy)
    return row.shots == "all" and strategy is not None and strategy.same_for_all


def _by_seed(row: TransferRow) -> BySeed:
    return dict(zip(row.seeds, row.correct, strict=True))


def _repeated(one: BySeed, other: BySeed) -> BySeed:
    """A single run, for each seed of the other too."""
    return one if len(one) != 1 else dict.fromkeys([*one, *other], next(iter(one.values())))

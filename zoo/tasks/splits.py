"""Training sets of so many images a class, nested from few to many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import ZooError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def check_shots(counts: Sequence[int], shots: int | str, classes: Sequence[str] | None = None) -> None:
    """Refuse more shots than every class has images.

    Parameters
    ----------
    counts : sequence of int
        Training images of each class.
    shots : int or "all"
    classes : sequence of str, optional
        Names for the error; indices otherwise.

    Raises
    ------
    ZooError
        Where a class has too few images; names the class and its count.
    """
    if shots == "all":
        return
    asked = int(shots)
    if asked < 1:
        raise ZooError(f"shots must be at least 1 or 'all', not {shots}")
    for index, count in enumerate(counts):
        if count < asked:
            name = repr(classes[index]) if classes else str(index)
            raise ZooError(
                f"class {name} has {count} training images and {asked} shots were asked for; ask for fewer shots"
            )


def few_shot(
    labels: NDArray[np.int64], shots: int | str, seed: int, classes: Sequence[str] | None = None
) -> NDArray[np.int64]:
    """Indices of a training set with ``shots`` images of every class.

    For one seed the sets are nested: that of 5 shots is part of that of 10, since each class is shuffled
    once and its beginning taken.

    Parameters
    ----------
    labels : ndarray
        (N,) class indices.
    shots : int or "all"
    seed : int
    classes : sequence of str, optional
        Names for the error; indices otherwise.

    Raises
    ------
    ZooError
        As :func:`check_shots`.
    """
    import numpy as np

    if shots == "all":
        return np.arange(len(labels))
    counts = np.bincount(labels).tolist()
    check_shots(counts, shots, classes)
    drawn = [
        np.random.default_rng([seed, index]).permutation(np.flatnonzero(labels == index))[: int(shots)]
        for index in range(len(counts))
    ]
    return np.concatenate(drawn)

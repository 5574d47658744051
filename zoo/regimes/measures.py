"""Measures of predictions, from accuracy to calibration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zoo.statistics.balanced import Z, balanced_accuracy, hidden_variance
from zoo.statistics.intervals import wilson_interval
from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zoo.canonical import JsonObject


BINS = 15
"""Of confidence, equally wide, for the calibration error (Guo et al., ICML 2017)."""

TOP = 5
"""Best guesses among which the true class has to be, stated above twice as many classes."""


def measures(
    predicted: NDArray[np.int64],
    labels: NDArray[np.int64],
    classes: int,
    probabilities: NDArray[np.float32] | None = None,
) -> dict[str, Measurement]:
    """Measures of predictions on test images, by name.

    Parameters
    ----------
    predicted, labels : ndarray
        (N,) class indices.
    classes : int
        C; those without a test image count for nothing.
    probabilities : ndarray, optional
        (N, C); without them the log loss, the calibration error and top-5 are left out.

    Returns
    -------
    dict of str to Measurement
        ``accuracy`` (Wilson interval), ``balanced_accuracy`` (mean recall; interval by the recalls' binomial
        variances, with one image right and one wrong added to each class), ``macro_f1`` (interval by the delta
        method within classes), and with probabilities ``log_loss`` (nats, interval by the standard error of the
        mean), ``calibration_error`` and, above ten classes, ``top5``.
    """
    import numpy as np

    images = len(labels)
    correct = predicted == labels
    hits = int(correct.sum())
    counts = np.bincount(labels, minlength=classes)
    recalled = np.bincount(labels[correct], minlength=classes)
    named = np.bincount(predicted, minlength=classes)
    there = counts > 0
    found = {
        "accuracy": Measurement(hits / images, "fraction", *wilson_interval(hits, images), images),
        "balanced_accuracy": balanced_accuracy(recalled[there].tolist(), counts[there].tolist()),
        "macro_f1": _macro_f1(predicted, labels, recalled, counts, named),
    }
    if probabilities is None:
        return found
    given = np.clip(probabilities.astype(np.float64), 1e-12, 1.0)
    lost = -np.log(given[np.arange(images), labels])
    error = Z * float(lost.std(ddof=1)) / math.sqrt(images) if images > 1 else 0.0
    loss = float(lost.mean())
    found["log_loss"] = Measurement(loss, "nats", max(0.0, loss - error), loss + error, images)
    found["calibration_error"] = Measurement(calibration_error(given, labels), "fraction", n=images)
    if classes > 2 * TOP:
        best = np.argsort(-given, axis=1)[:, :TOP]
        within = int((best == labels[:, None]).any(axis=1).sum())
        found["top5"] = Measurement(within / images, "fraction", *wilson_interval(within, images), images)
    return found


def _macro_f1(
    predicted: NDArray[np.int64],
    labels: NDArray[np.int64],
    recalled: NDArray[np.int64],
    counts: NDArray[np.int64],
    named: NDArray[np.int64],
) -> Measurement:
    """Mean F1 over the classes that have test images."""
    import numpy as np

    there = counts > 0
    both = np.maximum(counts + named, 1)
    scores = np.where(there, 2 * recalled / both, 0.0)
    value = float(scores[there].mean())
    # By how much an image moves it: as one of its own class, as one of those that were named its class, and rightly.
    moves = 2 * (predicted == labels) / both[labels]
    moves = moves - scores[labels] / both[labels] - scores[predicted] / both[predicted]
    means = np.bincount(labels, moves, len(counts)) / np.maximum(counts, 1)
    variance = float(((moves - means[labels]) ** 2).sum()) / int(there.sum()) ** 2
    variance += hidden_variance(recalled[there].tolist(), counts[there].tolist())
    half = Z * math.sqrt(variance)
    return Measurement(value, "fraction", max(0.0, value - half), min(1.0, value + half), len(labels))


def calibration_error(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Mean distance of confidence from accuracy, over bins of confidence.

    Parameters
    ----------
    probabilities : ndarray
        (N, C).
    labels : ndarray
        (N,).
    """
    import numpy as np

    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    weights = np.bincount(bins, minlength=BINS)
    gap = np.abs(np.bincount(bins, confidence, BINS) - np.bincount(bins, right.astype(float), BINS))
    return float(gap.sum() / weights.sum())


def recalls(predicted: NDArray[np.int64], labels: NDArray[np.int64], classes: tuple[str, ...]) -> list[JsonObject]:
    """Recall of each class that has test images, with their number."""
    found: list[JsonObject] = []
    for index, name in enumerate(classes):
        images = int((labels == index).sum())
        if images:
            right = int(((labels == index) & (predicted == index)).sum())
            found.append({"class": name, "images": images, "recall": right / images})
    return found

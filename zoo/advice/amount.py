"""Whether a cell has much data or little, by its training images in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.advice.words import BETWEEN, LITTLE, MUCH, UNKNOWN

if TYPE_CHECKING:
    from zoo.results.rows import TransferRow


MUCH_FROM, LITTLE_TO = 500, 200
"""Training images in all that count as much, and as little at most; see docs/measuring.md#the-course-rule."""


def training_images(row: TransferRow) -> int | None:
    """Training images in all, None where no record notes them or the classes."""
    for record in row.records:
        noted = record.outcome.notes
        images, classes = noted.get("train_images"), noted.get("classes")
        if isinstance(images, int):
            return images
        if isinstance(classes, int) and isinstance(row.shots, int):
            return classes * row.shots
    return None


def images_per_class(row: TransferRow) -> float | None:
    """Training images a class, or their mean where all were taken.

    None where no record says.
    """
    if isinstance(row.shots, int):
        return float(row.shots)
    images = training_images(row)
    classes = next((noted for record in row.records if (noted := record.outcome.notes.get("classes"))), None)
    return images / classes if images is not None and isinstance(classes, int) else None


def amount(images: int | None) -> str:
    """Whether so many are much or little, between the two, or not known."""
    if images is None:
        return UNKNOWN
    return MUCH if images >= MUCH_FROM else LITTLE if images <= LITTLE_TO else BETWEEN

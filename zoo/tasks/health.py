"""What makes an accuracy on a task say less than it seems to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW = 5
"""Of fewer images a class's own accuracy is anything."""

NAMED = 3
"""Of classes that are too small, and of images in both parts, so many are named."""


def majority_share(counts: Sequence[int]) -> float:
    """The accuracy of always saying the most frequent class.

    Parameters
    ----------
    counts : sequence of int
        Test images of each class.
    """
    return max(counts, default=0) / max(1, sum(counts))


def majority_line(classes: Sequence[str], counts: Sequence[int]) -> str:
    """The line for test images of which most are of one class, else ``""``.

    Most is more than half way from an equal share to all of them.
    """
    share = majority_share(counts)
    if len(counts) < 2 or share <= (1 + 1 / len(counts)) / 2:
        return ""
    largest = max(counts)
    return (
        f"{largest} of {sum(counts)} test images are of class {classes[list(counts).index(largest)]!r}: always "
        f"to say so has accuracy {share:.3f}"
    )


def twins_line(twins: int, test_images: int, names: Sequence[str] = ()) -> str:
    """The line for test images that were trained on, else ``""``.

    Parameters
    ----------
    twins, test_images : int
    names : sequence of str
        Of the first of them, where they have any.
    """
    if not twins:
        return ""
    stand = "stands" if twins == 1 else "stand"
    named = f" ({', '.join(names)}{', …' * (twins > len(names))})" if names else ""
    return (
        f"{twins} of {test_images} test images {stand} among the training images too{named}: an accuracy on them is "
        "no test"
    )


def repeats_line(repeats: int, test_images: int) -> str:
    """The line for test images that are equal to others of them, else ``""``."""
    if not repeats:
        return ""
    repeat = "repeats another" if repeats == 1 else "repeat others"
    return f"{repeats} of {test_images} test images {repeat} of them: an interval over them is too narrow"


def two_classes_line(images: int) -> str:
    """The line for equal images in several classes, else ``""``."""
    if not images:
        return ""
    stand = "1 image stands" if images == 1 else f"{images} images stand"
    return f"{stand} in more than one class: all but one label of {'it' if images == 1 else 'each'} must be wrong"


def missing_line(classes: Sequence[str], counts: Sequence[int]) -> str:
    """The line for classes without test images, else ``""``."""
    missing = [name for name, count in zip(classes, counts, strict=True) if not count]
    if not missing:
        return ""
    named = ", ".join(map(repr, missing[:NAMED])) + (", …" if len(missing) > NAMED else "")
    return f"the test part has no images of {'class' if len(missing) == 1 else f'{len(missing)} classes:'} {named}"


def small_line(part: str, classes: Sequence[str], counts: Sequence[int]) -> str:
    """The line for classes with under :data:`FEW` images, else ``""``.

    Parameters
    ----------
    part : str
        ``"training"`` or ``"test"``.
    """
    small = sorted((count, name) for name, count in zip(classes, counts, strict=True) if 0 < count < FEW)
    if not small:
        return ""
    named = ", ".join(f"{name!r}: {count}" for count, name in small[:NAMED]) + (", …" if len(small) > NAMED else "")
    have = "has" if len(small) == 1 else "have"
    return f"{len(small)} of {len(counts)} classes {have} under {FEW} {part} images ({named})"

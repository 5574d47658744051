"""An accuracy that somebody published of a set of weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


IMAGENET = "imagenet"

ROBUSTNESS = {
    "imagenet-real": "ReaL",
    "imagenetv2-matched-frequency": "V2",
    "imagenet-r": "R",
    "imagenet-a": "A",
    "sketch": "Sketch",
}
"""Other images of ImageNet's classes, and other labels of the same, by their names in timm's tables."""


OTHER_LABELS = "imagenet-real"
"""The images are those of ImageNet-1k: what is right there says nothing of other images."""


class Figure(NamedTuple):
    """An accuracy that somebody published of a set of weights.

    A tuple, as thousands of them are made for a listing.

    Attributes
    ----------
    dataset : str
        The images: ``imagenet`` is ImageNet-1k's validation set; else one of :data:`ROBUSTNESS`.
    side : int or None
        Of the images, in pixels; None where it is not stated.
    top1 : float
        Percent.
    top5 : float or None
        Percent.
    source : str
        Who states it, and when.
    """

    dataset: str
    side: int | None
    top1: float
    top5: float | None
    source: str


def figure_at(figures: Iterable[Figure], dataset: str, *sides: int | None) -> Figure | None:
    """The figure on a set of images at the first of some sizes.

    At the size of the first of all where there is none at any of them; of several at one size the last.
    """
    at = {figure.side: figure for figure in figures if figure.dataset == dataset}
    side = next((side for side in sides if side and side in at), next(iter(at), None))
    return at.get(side)


def at_side(side: int | None, beside: int | None) -> str:
    """`` at 224 px``, or nothing where that is told beside it or unknown."""
    return "" if side in (None, beside) else f" at {side} px"


def robustness(figures: Iterable[Figure], side: int) -> float | None:
    """Mean top-1 on other images of ImageNet's classes, a fraction.

    Over all sets of :data:`ROBUSTNESS` but the one of other labels, at one size of images; None where one of them is
    not stated at that size.
    """
    every = list(figures)
    found = [figure_at(every, dataset, side) for dataset in ROBUSTNESS if dataset != OTHER_LABELS]
    stated = [figure.top1 / 100 for figure in found if figure is not None and figure.side == side]
    return sum(stated) / len(stated) if len(stated) == len(found) else None

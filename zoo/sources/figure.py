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

    The first of all where there is none at any of them.
    """
    found = [figure for figure in figures if figure.dataset == dataset]
    at = {figure.side: figure for figure in reversed(found)}
    side = next((side for side in sides if side in at), None)
    return at[side] if side is not None else next(iter(found), None)

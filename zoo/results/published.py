"""Accuracies that others published, found among records or in libraries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.registry.catalogue import get, is_published
from zoo.sources.figure import IMAGENET, Figure, at_side, figure_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.results.record import Record


MACHINE = "published"
KIND = "published"


@dataclass(frozen=True, slots=True)
class Published:
    """A top-1 that others state of a set of weights.

    Attributes
    ----------
    tag : str
    top1 : float
        As a fraction.
    source : str
        Who states it.
    side : int or None
        Of the images, in pixels; None where it is not stated.
    """

    tag: str
    top1: float
    source: str
    side: int | None

    def at(self, side: int | None = None) -> str:
        """`` at 224 px``, or nothing where it is the size that is told beside it."""
        return at_side(self.side, side)


def published_top1(records: Iterable[Record], model: str, tag: str, size: int | None = None) -> Published | None:
    """Published ImageNet-1k top-1 of a tag, and who states it.

    A table that was imported comes before what the library states and the catalogue's tables. Where there are
    several input sizes, the one at ``size`` counts, else the one that the weights are made for, else the first.

    Parameters
    ----------
    size : int, optional
        Pixels of the input that the figure is to stand beside.
    """
    figures = [
        Figure(IMAGENET, _side(record), _percent(record), None, str(record.environment.other["source"]))
        for record in records
        if (record.trial.kind, record.trial.model, record.trial.weights) == (KIND, model, tag)
        and record.trial.published.dataset == IMAGENET
    ]
    if not figures and not is_published(model, tag):
        return None
    try:
        spec = get(f"{model}.{tag}")
    except ZooError:
        spec = None  # of a table that was imported with another version of the library
    native = spec.input_size[1] if spec else None
    found = figure_at(figures or (spec.published if spec else ()), IMAGENET, size, native)
    return None if found is None else Published(tag, found.top1 / 100, found.source, found.side)


def _side(record: Record) -> int | None:
    text = str(record.trial.published.img_size or record.outcome.notes.get("img_size", ""))
    return int(text) if text.isdecimal() else None


def _percent(record: Record) -> float:
    return round(100 * record.outcome.metrics["top1"].value, 9)  # as its table has it, which is in percent


def published_of(records: Iterable[Record], model: str, weights: str, size: int | None = None) -> Published | None:
    """Published top-1 of the weights, or else of the default ones.

    None where nobody states one, and for a user's model whose module is not imported now.

    Parameters
    ----------
    size : int, optional
        As :func:`published_top1` takes it.
    """
    try:
        tag = weights if is_published(model, weights) else get(model).tag
        return published_top1(records, model, tag, size) if tag else None
    except ZooError:
        return None

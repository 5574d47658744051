"""Accuracies that others published, found among records or in libraries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.registry.catalogue import get, is_published

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.results.record import Record


MACHINE = "published"
KIND = "published"

IMAGENET = "imagenet"


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
        return "" if self.side in (None, side) else f" at {self.side} px"


def published_top1(records: Iterable[Record], model: str, tag: str, size: int | None = None) -> Published | None:
    """Published ImageNet-1k top-1 of a tag, and who states it.

    An imported table comes before the library's own statement. Where it has a tag at several input sizes, the one
    at ``size`` counts, else the one at the size that the weights are made for, else the first.

    Parameters
    ----------
    size : int, optional
        Pixels of the input that the figure is to stand beside.
    """
    stated_at: dict[str, Record] = {}
    for record in records:
        trial = record.trial
        if (trial.kind, trial.model, trial.weights) == (KIND, model, tag) and trial.published.dataset == IMAGENET:
            stated_at[str(record.trial.published.img_size or record.outcome.notes.get("img_size", ""))] = record
    if stated_at:
        wanted = [str(size), str(_native_size(model, tag))] if len(stated_at) > 1 else []
        side = next((side for side in wanted if side in stated_at), next(iter(stated_at)))
        chosen = stated_at[side]
        source = str(chosen.environment.other["source"])
        return Published(tag, chosen.outcome.metrics["top1"].value, source, int(side) if side.isdecimal() else None)
    if not is_published(model, tag):
        return None
    spec = get(f"{model}.{tag}")
    return None if spec.top1 is None else Published(tag, spec.top1 / 100, spec.source, spec.input_size[1])


def _native_size(model: str, tag: str) -> int | None:
    try:
        return get(f"{model}.{tag}").input_size[1]
    except ZooError:
        return None


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

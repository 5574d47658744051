"""Accuracies that others published, found among records or in libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.registry.catalogue import get, is_published

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.results.record import Record


MACHINE = "published"
KIND = "published"

IMAGENET = "imagenet"


def published_top1(
    records: Iterable[Record], model: str, tag: str, size: int | None = None
) -> tuple[float, str] | None:
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
        chosen = next((stated_at[side] for side in wanted if side in stated_at), next(iter(stated_at.values())))
        return chosen.outcome.metrics["top1"].value, str(chosen.environment.other["source"])
    if not is_published(model, tag):
        return None
    stated = get(f"{model}.{tag}").top1
    return None if stated is None else (stated / 100, model.partition("/")[0])


def _native_size(model: str, tag: str) -> int | None:
    try:
        return get(f"{model}.{tag}").input_size[1]
    except ZooError:
        return None


def published_of(records: Iterable[Record], model: str, weights: str) -> tuple[str, float, str] | None:
    """Published tag, its top-1, and who states it.

    The tag is the weights', or the default one where these are not published.
    None where nobody states one, and for a user's model whose module is not imported now.
    """
    try:
        tag = weights if is_published(model, weights) else get(model).tag
        stated = published_top1(records, model, tag) if tag else None
    except ZooError:
        return None
    return None if tag is None or stated is None else (tag, *stated)

"""Accuracies that others publish in tables, which ship with the catalogue."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from zoo.sources.figure import Figure

if TYPE_CHECKING:
    from zoo.canonical import JsonObject


DATA = "published.json.gz"


@lru_cache(maxsize=1)
def tables() -> JsonObject:
    """The tables as they ship.

    ``files`` are their names by the images that they are of, ``by`` and ``date`` say whose they are and of what day,
    and ``figures`` are lists of images, side in pixels, top-1 and top-5 in percent, by model and tag.
    """
    data: JsonObject = json.loads(gzip.decompress((resources.files("zoo.registry") / "data" / DATA).read_bytes()))
    return data


def figures_of(model: str, tag: str) -> tuple[Figure, ...]:
    """What the tables state of a tag of ``source/architecture``."""
    held = tables()
    sources = {name: f"{held['by']}'s {file} of {held['date']}" for name, file in held["files"].items()}
    names = list(sources)
    return tuple(
        Figure(names[place], side, top1, top5, sources[names[place]])
        for place, side, top1, top5 in held["figures"].get(model, {}).get(tag, ())
    )


def sides_of(model: str) -> set[int]:
    """Sides of the images in the figures of a model's weights."""
    return {side for figures in tables()["figures"].get(model, {}).values() for _, side, *_ in figures if side}

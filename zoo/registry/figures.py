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


@lru_cache(maxsize=1)
def _sources() -> list[tuple[str, str]]:
    """The images of each table, and how it is named as a source."""
    held = tables()
    return [(dataset, f"{held['by']}'s {file} of {held['date']}") for dataset, file in held["files"].items()]


def figures_of(model: str, tag: str) -> tuple[Figure, ...]:
    """What the tables state of a tag of ``source/architecture``."""
    of = _sources()
    stated = tables()["figures"].get(model, {}).get(tag, ())
    return tuple(Figure(of[place][0], side, top1, top5, of[place][1]) for place, side, top1, top5 in stated)


def sides_of(model: str) -> set[int]:
    """Sides of the images in the figures of a model's weights."""
    return {side for figures in tables()["figures"].get(model, {}).values() for _, side, *_ in figures if side}

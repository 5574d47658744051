"""The zoo's own weights, made or added: their places, cards and tags."""

from __future__ import annotations

import json
import math
import re
import time
from bisect import bisect_left
from functools import lru_cache
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.paths import weights_dir
from zoo.sources.base import TagFacts
from zoo.sources.spec import CROP_MODES, INTERPOLATIONS, Preprocessing

if TYPE_CHECKING:
    from collections.abc import Container

    from zoo.canonical import JsonObject

SETTLED_NS = 2_000_000_000
"""A folder that was not changed for so long has all that its time of change stands for."""


def own_path(model: str, tag: str) -> Path:
    """File of a tag of ``source/architecture``."""
    source, _, architecture = model.partition("/")
    return weights_dir() / source / f"{architecture}.{tag}.safetensors"


def card(path: Path) -> JsonObject | None:
    """The card beside a weights file, None where there is no sound one."""
    try:
        data = json.loads(path.with_suffix(".json").read_text())
    except (OSError, ValueError, RecursionError):
        return None
    if not is_card(data):
        return None
    if isinstance(task := data.get("task"), str):  # older cards hold a folder's path, which is nobody else's
        data["task"] = re.split(r"[/\\]", task.rstrip("/\\"))[-1]
    return dict(data)


def is_card(data: Any) -> bool:
    """Whether JSON values are a card: what is used of it has its type."""
    if not isinstance(data, dict):
        return False
    digest, side, classes, licence = (data.get(key) for key in ("sha256", "input_size", "classes", "licence"))
    return (
        isinstance(digest, str)
        and re.fullmatch(r"[0-9a-f]{64}", digest) is not None
        and type(side) is int
        and side > 0
        and isinstance(classes, list)
        and (bool(classes) or _is_width(data.get("head")))
        and all(isinstance(name, str) for name in classes)
        and _is_width(data.get("head", len(classes)))
        and _are_numbers(data.get("mean"), least=-math.inf)
        and _are_numbers(data.get("std"), least=0.0)
        and (licence is None or (isinstance(licence, str) and licence.isprintable()))
        and ("preprocessing" not in data or _is_preprocessing(data["preprocessing"], side))
    )


def _is_width(value: Any) -> bool:
    """Whether a value is the width of a head: 0 of weights without one."""
    return type(value) is int and value >= 0


def _is_preprocessing(values: Any, side: int) -> bool:
    """Whether a value is a preprocessing of images of that height; see :meth:`Preprocessing.to_list`."""
    try:
        found = Preprocessing.from_list(values)
        numbers = (found.crop, found.resize, found.width or found.crop, found.test_crop or found.crop)
        fractions = (found.crop_fraction, found.test_fraction or 1.0)
    except (TypeError, ValueError, ArithmeticError):
        return False
    return (
        found.crop == side
        and all(type(number) is int and number > 0 for number in numbers)
        and all(type(part) in (int, float) and 0 < part <= 1 for part in fractions)
        and found.interpolation in INTERPOLATIONS
        and found.crop_mode in CROP_MODES
        and _are_numbers(list(found.mean), least=-math.inf)
        and _are_numbers(list(found.std), least=0.0)
    )


def preprocessing_of(stated: JsonObject) -> Preprocessing:
    """What a card states, or of older ones a square of its size."""
    if "preprocessing" in stated:
        return Preprocessing.from_list(stated["preprocessing"])
    side = stated["input_size"]
    return Preprocessing(side, side, "bilinear", tuple(stated["mean"]), tuple(stated["std"]))


def width_of(stated: JsonObject) -> int:
    """Number of classes of the head that a card states."""
    return int(stated.get("head", len(stated["classes"])))


def _are_numbers(values: Any, least: float) -> bool:
    """One finite number above ``least`` for each channel."""
    return (
        isinstance(values, list)
        and len(values) in (1, 3)
        and all(type(value) in (int, float) and math.isfinite(value) and value > least for value in values)
    )


def own_sources() -> set[str]:
    """Sources of which some weights were made here."""
    folder = weights_dir()
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def own_tags(model: str, published: Container[str] = ()) -> dict[str, TagFacts]:
    """Tags made here for ``source/architecture``, and what their cards state.

    Parameters
    ----------
    model : str
    published : container of str
        Tags of the source's own: a file here under the name of one is none, since nothing made here stands for
        published weights.
    """
    source, _, architecture = model.partition("/")
    tags: dict[str, TagFacts] = {}
    folder = weights_dir() / source
    for name in _names(folder, f"{architecture}."):
        tag = name.removeprefix(f"{architecture}.").removesuffix(".safetensors")
        stated = None if tag in published else card(folder / name)
        if stated is not None:
            found = preprocessing_of(stated)
            size = 3, found.crop, found.width or found.crop
            tags[tag] = TagFacts(input_size=size, preprocessing=found, licence=stated.get("licence"))
    return tags


def _names(folder: Path, beginning: str) -> list[str]:
    """Weights files in a folder whose names begin so, in order."""
    try:
        changed = folder.stat().st_mtime_ns
    except OSError:
        return []
    # A file that came within a tick of the clock after the folder was listed would not be seen.
    is_settled = time.time_ns() - changed > SETTLED_NS
    listed = _listed(str(folder), changed) if is_settled else _listed.__wrapped__(str(folder), changed)
    first = bisect_left(listed, beginning)
    return list(takewhile(lambda name: name.startswith(beginning), islice(listed, first, None)))


@lru_cache(maxsize=8)
def _listed(folder: str, _changed: int) -> list[str]:
    """Weights files in a folder; a command asks for those of every row of its tables."""
    return sorted(path.name for path in Path(folder).iterdir() if path.suffix == ".safetensors")

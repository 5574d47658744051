"""Weights that ``zoo pretrain`` made: a safetensors file and a JSON card beside it, found by name."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from zoo.paths import weights_dir

if TYPE_CHECKING:
    from pathlib import Path


def own_path(name: str, tag: str) -> Path:
    """File of a tag of ``source/architecture``."""
    source, _, architecture = name.partition("/")
    return weights_dir() / source / f"{architecture}.{tag}.safetensors"


def card(path: Path) -> dict[str, Any] | None:
    """What stands beside a weights file, or None where it is missing or damaged."""
    try:
        data = json.loads(path.with_suffix(".json").read_text())
    except (OSError, ValueError, RecursionError):
        return None
    return data if is_card(data) else None


def is_card(data: Any) -> bool:
    """Whether JSON values are a card: what is used of it is there, and of the right type."""
    if not isinstance(data, dict):
        return False
    digest, side, classes, licence = (data.get(key) for key in ("sha256", "input_size", "classes", "licence"))
    return (
        isinstance(digest, str)
        and re.fullmatch(r"[0-9a-f]{64}", digest) is not None
        and type(side) is int
        and side > 0
        and isinstance(classes, list)
        and bool(classes)
        and all(isinstance(name, str) for name in classes)
        and _are_numbers(data.get("mean"), least=-math.inf)
        and _are_numbers(data.get("std"), least=0.0)
        and (licence is None or (isinstance(licence, str) and licence.isprintable()))
    )


def _are_numbers(values: Any, least: float) -> bool:
    """One finite number above ``least`` for each channel."""
    return (
        isinstance(values, list)
        and len(values) in (1, 3)
        and all(type(value) in (int, float) and math.isfinite(value) and value > least for value in values)
    )


def own_tags(name: str) -> dict[str, dict[str, Any]]:
    """Tags made here for ``source/architecture``, each with what the catalogue states of a tag.

    A file here under the name of a published tag is none: nothing made here stands for published weights.
    """
    from zoo.registry.catalogue import is_published

    source, _, architecture = name.partition("/")
    tags: dict[str, dict[str, Any]] = {}
    folder = weights_dir() / source
    if not folder.is_dir():  # asked of every architecture in a listing; most sources have nothing here
        return tags
    for path in sorted(folder.glob(f"{architecture}.*.safetensors")):
        tag = path.name.removeprefix(f"{architecture}.").removesuffix(".safetensors")
        stated = card(path)
        if stated is None or is_published(name, tag):
            continue
        side = stated["input_size"]
        tags[tag] = {
            "input_size": [3, side, side],
            "preprocessing": [side, side, "bilinear", stated["mean"], stated["std"]],
            "licence": stated.get("licence"),
        }
    return tags

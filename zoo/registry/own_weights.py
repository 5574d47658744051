"""Weights that ``zoo pretrain`` made: a safetensors file and a JSON card beside it, found by name."""

from __future__ import annotations

import json
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
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and {"sha256", "input_size", "classes"} <= set(data) else None


def own_tags(name: str) -> dict[str, dict[str, Any]]:
    """Tags made here for ``source/architecture``, each with what the catalogue states of a tag."""
    source, _, architecture = name.partition("/")
    tags: dict[str, dict[str, Any]] = {}
    folder = weights_dir() / source
    if not folder.is_dir():  # asked of every architecture in a listing; most sources have nothing here
        return tags
    for path in sorted(folder.glob(f"{architecture}.*.safetensors")):
        tag = path.name.removeprefix(f"{architecture}.").removesuffix(".safetensors")
        stated = card(path)
        if stated is None:
            continue
        side = stated["input_size"]
        tags[tag] = {
            "input_size": [3, side, side],
            "preprocessing": [side, side, "bilinear", stated["mean"], stated["std"]],
            "licence": stated.get("licence"),
        }
    return tags

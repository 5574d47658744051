"""The zoo's own weights, written with their card."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.paths import write_atomically
from zoo.registry.catalogue import is_published
from zoo.registry.own_tags import card, own_path
from zoo.weights.file import WeightsFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from zoo.canonical import JsonObject


def save_zoo_weights(name: str, tag: str, state_dict: Mapping[str, Tensor], info: JsonObject) -> WeightsFile:
    """Keep weights under a tag of ``source/architecture``.

    Tensors and card are each written whole or not at all.

    Parameters
    ----------
    info : mapping
        JSON values for the card: at least ``classes`` (list of names), ``input_size`` (side in pixels),
        ``mean`` and ``std``. A ``preprocessing`` is written with the tensors too, so that their digest tells it.

    Raises
    ------
    WeightsError
        For a tag that the source has published weights under, or that the user added some under.
    """
    from safetensors.torch import save

    if is_published(name, tag):
        raise WeightsError(f"{name}.{tag}: that tag is of published weights; keep yours under another")
    path = own_path(name, tag)
    if "added" not in info and "added" in (card(path) or {}):
        raise WeightsError(
            f"{name}.{tag}: that tag is of weights that you added; `zoo weights --remove` takes them out"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    stated = {"preprocessing": json.dumps(info["preprocessing"])} if "preprocessing" in info else None
    content = save({key: value.detach().cpu().contiguous() for key, value in state_dict.items()}, stated)
    checksum = hashlib.sha256(content).hexdigest()
    # The card first: a tag counts as there once both lie, and a card without tensors is no tag.
    whole = dict(info) | {"sha256": checksum, "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    write_atomically(path.with_suffix(".json"), json.dumps(whole, indent=2).encode())
    write_atomically(path, content)
    return WeightsFile(path, tag, "zoo", name)

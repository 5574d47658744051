"""Names of classes that a training script kept in a checkpoint itself."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from zoo.classes.names import ClassNames, names_of
from zoo.errors import InputFileError
from zoo.loading.pickles import read_pickle
from zoo.loading.safetensors_file import read_safetensors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = (
    "class_to_idx", "idx_to_class", "class_names", "classes", "label_names", "labels", "label2id", "id2label",
    "categories",
)  # fmt: skip
"""What training scripts call them, torchvision's own name first."""

DEPTH = 2
"""How deep they are looked for: beside the network, or among the settings beside it."""


def kept_class_names(path: Path) -> ClassNames | None:
    """The names of a network's classes by index, where its file holds them.

    Values under such a key that are no names, such as a number of classes, are passed over.

    Raises
    ------
    WeightsError
        For a file that cannot be read.
    """
    for key, value in _kept(_content(path), DEPTH):
        with suppress(InputFileError):
            return ClassNames(names_of(value, key), f"{path.name} ({key})")
    return None


def _content(path: Path) -> Any:
    if path.suffix != ".safetensors":
        return read_pickle(path)
    content: dict[str, Any] = {}
    for key, text in read_safetensors(path, None)[1].items():
        with suppress(ValueError, RecursionError):
            content[key] = json.loads(text)
    return content


def _kept(content: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Values under one of the keys, those at the top first."""
    if not isinstance(content, dict):
        return
    yield from ((key, content[key]) for key in KEYS if isinstance(content.get(key), dict | list | tuple))
    if depth > 1:
        for value in content.values():
            yield from _kept(value, depth - 1)

"""What a checkpoint of the user's own states of its classes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zoo.classes.names import ClassNames, names_of
from zoo.loading.pickles import read_pickle
from zoo.loading.safetensors_file import read_safetensors
from zoo.loading.statement import NESTED, content_of
from zoo.paths import composed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


ORDERS = ("class_to_idx", "idx_to_class", "label2id", "id2label")
"""Keys of an order of classes, in checkpoints and in files beside them; what stands there has to be one."""

LISTS = ("class_names", "classes", "CLASSES", "label_names", "labels")
"""Keys of names in order, where a list of names stands there: else of a number of classes, or of images' labels."""

DEPTH = 2
"""How deep a checkpoint is searched, as for the settings of a trainer."""


def classes_of_checkpoint(path: Path) -> ClassNames | None:
    """Names of a checkpoint's classes, where it or a file beside says them.

    That file is the one that states the preprocessing, by the keys of timm: ``label_names`` (``labels`` in older
    files), and ``label_descriptions`` by name. There and in the checkpoint itself, beside its tensors, names stand as
    training scripts save them: by :data:`ORDERS` and :data:`LISTS`.

    Raises
    ------
    WeightsError, InputFileError
        For a statement that cannot be used.
    """
    path = path.expanduser()
    where, content = content_of(path)
    for part in (content, *(content[key] for key in NESTED if isinstance(content.get(key), dict))):
        described = part.get("label_descriptions")
        described = {composed(key): text for key, text in described.items()} if isinstance(described, dict) else {}
        stated = part.get("label_names") or part.get("labels") or list(described)
        if isinstance(stated, list | dict) and stated:
            names = names_of(stated, str(where))
            others = [described.get(name) for name in names]
            whole = all(isinstance(text, str) for text in others) and len(set(others)) == len(names)
            words = tuple(composed(str(text)) for text in others) if whole else ()
            return ClassNames(names, str(where), others=words)
        if (named := _named(part, str(where))) is not None:
            return named
    inside = read_safetensors(path, None)[1] if path.suffix == ".safetensors" else read_pickle(path)
    return next((named for part in _parts(inside, DEPTH) if (named := _named(part, str(path))) is not None), None)


def _named(part: Mapping[Any, Any], where: str) -> ClassNames | None:
    """The classes that one dictionary states."""
    for key in ORDERS:
        stated = _from_text(part.get(key))
        if isinstance(stated, Mapping | list) and stated:
            return ClassNames(names_of(stated, f"{where}: {key}"), where)
    for key in LISTS:
        stated = _from_text(part.get(key))
        if _is_list_of_names(stated):
            return ClassNames(names_of(list(stated), f"{where}: {key}"), where)
    return None


def _is_list_of_names(stated: Any) -> bool:
    """Whether each value is a name of its own: of the labels of images, some stand twice."""
    if not isinstance(stated, Sequence) or isinstance(stated, str | bytes) or not stated:
        return False
    return all(isinstance(name, str) and name for name in stated) and len(set(stated)) == len(stated)


def _from_text(stated: Any) -> Any:
    """What stands as JSON in the metadata of safetensors."""
    if not isinstance(stated, str):
        return stated
    try:
        return json.loads(stated)
    except (ValueError, RecursionError):
        return None


def _parts(content: Any, depth: int) -> Iterator[Mapping[Any, Any]]:
    """Dictionaries of a checkpoint, the outer ones before those in them."""
    if isinstance(content, Mapping):
        yield content
        if depth:
            for value in content.values():
                yield from _parts(value, depth - 1)

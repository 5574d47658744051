"""Names of a head's classes, as files and scripts state them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoo.canonical import canonical_digest
from zoo.errors import InputFileError
from zoo.paths import composed
from zoo.textfile import decoded, read_content

GIVEN = "classes"
"""Stands for the file where names are the values themselves."""


@dataclass(frozen=True)
class ClassNames:
    """What the classes of a head are called, by index.

    Attributes
    ----------
    names : tuple of str
    where : str
        What states them.
    binding : bool
        Whether the user gave them, so that every folder has to be one of them.
    others : tuple of str
        Other words for the same classes, such as descriptions.
    """

    names: tuple[str, ...]
    where: str
    binding: bool = False
    others: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over the names in their order."""
        return canonical_digest([self.names, self.others])


def class_names(given: str | Path | Sequence[str] | Mapping[str, int]) -> ClassNames:
    """The names that a user gives: a file, or the values themselves.

    A file holds one name a line (timm's class map), or JSON: a list of names, a name's index by name (torchvision's
    ``class_to_idx``), or names by index.

    Raises
    ------
    InputFileError
        A file that cannot be read, and values that are no names in an order.
    """
    if not isinstance(given, str | Path):
        return ClassNames(names_of(given, GIVEN), GIVEN, binding=True)
    path = Path(given).expanduser()
    text = decoded(read_content(path))
    if text is None:
        raise InputFileError(f"{path}: no names of classes (not text); write one name a line, or JSON")
    if text.lstrip()[:1] in ("[", "{"):
        try:
            content = json.loads(text, object_pairs_hook=lambda pairs: _once(pairs, str(path)))
        except (ValueError, RecursionError) as error:
            raise InputFileError(f"{path}: cannot be read as JSON: {error}") from None
        return ClassNames(names_of(content, str(path)), str(path), binding=True)
    lines = [line.strip() for line in text.rstrip().splitlines()]
    if "" in lines:
        raise InputFileError(
            f"{path}, line {lines.index('') + 1}: empty; write one name a line, in order of the classes"
        )
    return ClassNames(names_of(lines, str(path)), str(path), binding=True)


def names_of(values: Any, where: str) -> tuple[str, ...]:
    """Names in order of their classes, from JSON values.

    Raises
    ------
    InputFileError
        What is no list of names, no index by name and no name by index; a name twice, an index twice or left out.
    """
    named = _by_index(values, where) if isinstance(values, Mapping) else values
    if not isinstance(named, Sequence) or isinstance(named, str) or not named:
        raise InputFileError(f"{where}: no names of classes; give a list of them, or the index of each by its name")
    seen: dict[str, int] = {}
    for index, name in enumerate(named):
        if not isinstance(name, str) or not name:
            raise InputFileError(f"{where}: class {index} must have a name, not {name!r}")
        whole = composed(name)
        if whole in seen:
            raise InputFileError(f"{where}: {name!r} is both class {seen[whole]} and class {index}; name each once")
        seen[whole] = index
    return tuple(seen)


def _by_index(values: Mapping[Any, Any], where: str) -> list[Any]:
    """Names in order of a mapping from names to indices, or from indices to names."""
    pairs = list(values.items())
    if all(isinstance(value, int) and not isinstance(value, bool) for _, value in pairs):
        found = [(value, key) for key, value in pairs]
    elif all(str(key).isascii() and str(key).isdigit() for key, _ in pairs):
        # Keras's index of ImageNet has an id and a name for each class: folders are named by the first.
        found = [(int(key), value[0] if isinstance(value, list) and value else value) for key, value in pairs]
    else:
        raise InputFileError(f"{where}: neither an index for each name, nor a name for each index")
    indices = sorted(index for index, _ in found)
    for expected, index in enumerate(indices):
        if index != expected:
            wrong = f"{index} stands twice" if index in indices[:expected] else f"{expected} is left out"
            raise InputFileError(f"{where}: indices must count from 0 without a gap: {wrong}")
    return [name for _, name in sorted(found, key=lambda pair: pair[0])]


def _once(pairs: list[tuple[str, Any]], where: str) -> dict[str, Any]:
    """An object of JSON, which may state each key once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InputFileError(f"{where}: {twice!r} stands twice; name each class once")
    return found

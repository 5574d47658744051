"""Static facts that the shipped catalogue lacks: computed on first need, kept in the user's cache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zoo.paths import facts_path, write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.registry.counting import StaticFacts
    from zoo.registry.sources.base import ArchitectureFacts, TagFacts
    from zoo.registry.sources.user import UserModel


NUMBER = (int, float, type(None))

TYPES: dict[str, type | tuple[type, ...]] = {
    "source": str,
    "architecture": str,
    "family": str,
    "params": (int, type(None)),
    "macs": NUMBER,
    "activations": NUMBER,
    "input_size": list,
    "preprocessing": (list, type(None)),
    "tags": dict,
}
"""Of an entry's fields."""


def read() -> dict[str, Any]:
    """Entries computed here before, by full name, each with the ``version`` of the library that stated it.

    A damaged cache, or a damaged entry of one, is none: it can be made again.
    """
    try:
        data = json.loads(facts_path().read_text())
    except (OSError, ValueError):
        return {}
    return {name: entry for name, entry in data.items() if _is_sound(name, entry)} if isinstance(data, dict) else {}


def _is_sound(name: str, entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("version"), str):
        return False
    if not all(key in entry and isinstance(entry[key], kind) for key, kind in TYPES.items()):
        return False
    stated = [entry, *entry["tags"].values()]
    return name == f"{entry['source']}/{entry['architecture']}" and all(map(_is_usable, stated))


def _is_usable(stated: Any) -> bool:
    """Whether size and preprocessing of an entry, or of one of its tags, can be used."""
    from zoo.registry.spec import Preprocessing

    try:
        sides = stated["input_size"]
        if stated["preprocessing"] is not None:
            Preprocessing.from_list(stated["preprocessing"])
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return False
    return isinstance(sides, list) and len(sides) == 3 and all(type(side) is int and side > 0 for side in sides)


def write(entries: dict[str, Any]) -> None:
    """Add entries to the cache, atomically."""
    path = facts_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(read() | entries).encode())  # in their order: the first tag is the default


def describe(facts: ArchitectureFacts, counts: StaticFacts) -> dict[str, Any]:
    """One entry of the catalogue, as JSON values."""
    return {
        "source": facts.source,
        "architecture": facts.architecture,
        "family": facts.family,
        "params": counts.params,
        "macs": counts.macs,
        "activations": counts.activations,
        "input_size": list(facts.input_size),
        "preprocessing": _preprocessing(facts),
        "tags": {tag: _tag(stated) for tag, stated in facts.tags.items()},
    }


def learn(source: str, architecture: str, version: str) -> bool:
    """Compute and keep the entry of an architecture that an installed library has; False if it has not."""
    from zoo.registry.counting import count
    from zoo.registry.sources import load_source

    module = load_source(source)
    if architecture not in module.architectures():
        return False
    facts = module.facts(architecture)
    counts = count(lambda: module.build(architecture, facts.input_size), facts.input_size)
    write({f"{source}/{architecture}": describe(facts, counts) | {"version": version}})
    return True


def learn_tags(name: str, entry: Mapping[str, Any], version: str) -> bool:
    """Keep the weights tags that an installed library has and ``entry`` has not; False if there are none.

    What the entry states stays, its default weights too: a name does not change its meaning by being asked for.
    """
    from zoo.registry.sources import load_source

    module = load_source(entry["source"])
    if entry["architecture"] not in module.architectures():
        return False
    found = module.facts(entry["architecture"]).tags
    new = {tag: _tag(stated) for tag, stated in found.items() if tag not in entry["tags"]}
    if new:
        write({name: dict(entry) | {"tags": dict(entry["tags"]) | new, "version": version}})
    return bool(new)


def describe_user_model(model: UserModel) -> dict[str, Any]:
    """The entry of a user's model as far as its author states it: nothing is built, and so nothing is counted."""
    from zoo.registry.counting import StaticFacts

    return describe(model.facts, StaticFacts(None, None, None)) | {"licence": model.licence}


def count_user_model(name: str, model: UserModel) -> dict[str, Any]:
    """Counts of a user's model, and ``not_counted``, the reason of those that are missing.

    Counted once a process and registration, since its code may change between two.
    """
    known = _COUNTED.get(name)
    if known is None or known[0] is not model:
        from zoo.registry.counting import count

        counts = count(model.build, model.facts.input_size)
        stated = {"params": counts.params, "macs": counts.macs, "activations": counts.activations}
        known = _COUNTED[name] = model, stated | {"not_counted": counts.reason or None}
    return known[1]


_COUNTED: dict[str, tuple[UserModel, dict[str, Any]]] = {}


def _preprocessing(stated: ArchitectureFacts | TagFacts) -> list[Any] | None:
    return None if stated.preprocessing is None else stated.preprocessing.to_list()


def _tag(stated: TagFacts) -> dict[str, Any]:
    entry = {
        "input_size": list(stated.input_size),
        "preprocessing": _preprocessing(stated),
        "top1": stated.top1,
        "licence": stated.licence,
        "file": stated.file,
        "url": stated.url,
        "hub_id": stated.hub_id,
    }
    return {key: value for key, value in entry.items() if value is not None}

"""Static facts that the shipped catalogue lacks: computed on first need, kept in the user's cache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zoo.paths import facts_path, written_whole

if TYPE_CHECKING:
    from pathlib import Path

    from zoo.registry.sources.base import ArchitectureFacts, TagFacts
    from zoo.registry.static import StaticFacts
    from zoo.registry.user import UserModel


def read() -> dict[str, Any]:
    """Entries computed here before, by full name; a damaged cache is none (it can be made again)."""
    try:
        data = json.loads(facts_path().read_text())
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in data.items() if "/" in k} if isinstance(data, dict) else {}


def write(entries: dict[str, Any]) -> None:
    """Add entries to the cache, atomically."""
    path = facts_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(read() | entries, sort_keys=True).encode())


def write_atomically(path: Path, content: bytes) -> None:
    """Write a whole file or none, whatever interrupts."""
    with written_whole(path) as file:
        file.write(content)


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


def learn(source: str, architecture: str) -> bool:
    """Compute and keep the entry of an architecture that an installed library has; False if it has not."""
    from zoo.registry.sources import load_source
    from zoo.registry.static import count

    module = load_source(source)
    if architecture not in module.architectures():
        return False
    facts = module.facts(architecture)
    counts = count(lambda: module.build(architecture, facts.input_size), facts.input_size)
    write({f"{source}/{architecture}": describe(facts, counts)})
    return True


def describe_user_model(name: str, model: UserModel) -> dict[str, Any]:
    """The entry of a user's model; counted once a process, since its code may change between two."""
    if name not in _COUNTED:
        from zoo.registry.static import count

        counts = count(lambda: model.constructor(num_classes=1000), model.facts.input_size)
        _COUNTED[name] = describe(model.facts, counts) | {"licence": model.licence}
    return _COUNTED[name]


_COUNTED: dict[str, dict[str, Any]] = {}


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

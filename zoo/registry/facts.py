"""Facts that the shipped catalogue lacks, kept in the user's cache."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.paths import facts_path, write_atomically
from zoo.processes.guard import Failure
from zoo.registry.entry import Entry
from zoo.sources import SOURCES
from zoo.sources.apart import ask_apart
from zoo.sources.counting import StaticFacts, count
from zoo.sources.lookup import source_of
from zoo.sources.user import registered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.sources.base import ArchitectureFacts, Source


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


def read() -> dict[str, Entry]:
    """Entries computed here before, by ``source/architecture``.

    A damaged cache, or a damaged entry of one, is none: it can be made again.
    """
    try:
        data = json.loads(facts_path().read_text())
    except (OSError, ValueError):
        return {}
    every = data.items() if isinstance(data, dict) else ()
    found = {name: _sound(name, entry) for name, entry in every}
    return {name: entry for name, entry in found.items() if entry is not None}


def _sound(name: str, data: Any) -> Entry | None:
    """An entry whose values have their types, and are usable."""
    if not isinstance(data, dict) or not isinstance(data.get("version"), str):
        return None
    if not all(key in data and isinstance(data[key], kind) for key, kind in TYPES.items()):
        return None
    if name != f"{data['source']}/{data['architecture']}":
        return None
    try:
        sizes = [data["input_size"], *(stated["input_size"] for stated in data["tags"].values())]
        return Entry.from_dict(data) if all(map(_is_size, sizes)) else None
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError):
        return None


def _is_size(sides: Any) -> bool:
    return isinstance(sides, list) and len(sides) == 3 and all(type(side) is int and side > 0 for side in sides)


def write(entries: Mapping[str, Entry]) -> None:
    """Add entries to the cache, atomically."""
    path = facts_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    every = {name: entry.to_dict() for name, entry in (read() | dict(entries)).items()}
    write_atomically(path, json.dumps(every).encode())  # in their order: the first tag is the default


def learn(source: Source, architecture: str) -> bool:
    """Compute and keep the entry of an architecture, if the source has it."""
    if architecture not in source.architectures():
        return False
    facts = source.facts(architecture)
    write({facts.model: Entry(facts, _counts(source, facts), source.version())})
    return True


def learn_tags(source: Source, entry: Entry) -> bool:
    """Keep the weights tags that a source has and ``entry`` has not, if any.

    What the entry states stays, its default weights too: a name does not change its meaning by being asked for.
    """
    facts = entry.facts
    if facts.architecture not in source.architectures():
        return False
    found = source.facts(facts.architecture).tags
    new = {tag: stated for tag, stated in found.items() if tag not in facts.tags}
    if new:
        write({facts.model: replace(entry, facts=replace(facts, tags=facts.tags | new), version=source.version())})
    return bool(new)


_STATED: dict[str, tuple[Source, dict[str, Entry]]] = {}
"""Entries of other packages' sources, as far as this process asked for them."""


def stated_by(source: Source, *, again: bool = False) -> dict[str, Entry]:
    """Every entry of a source that the shipped catalogue does not cover.

    Facts that were kept for the source's version are not asked for again. Nothing is built, and so nothing is
    counted that was not counted before.

    Parameters
    ----------
    source : Source
    again : bool
        Ask the source, whatever was kept.

    Raises
    ------
    ZooError
        Where the source cannot tell.
    """
    known = _STATED.get(source.name)
    if known is not None and known[0] is source and not again:
        return known[1]
    version = source.version()
    kept = {name: entry for name, entry in read().items() if entry.facts.source == source.name} if version else {}
    kept = {name: entry for name, entry in kept.items() if entry.version == version}
    if again or not kept:
        asked = _asked(source, version)
        kept = {n: replace(entry, counts=kept[n].counts) if n in kept else entry for n, entry in asked.items()}
        if version:
            with suppress(OSError):  # asked again by the next process
                write(kept)
    _STATED[source.name] = source, kept
    return kept


def _asked(source: Source, version: str) -> dict[str, Entry]:
    try:
        every = [source.facts(architecture) for architecture in source.architectures()]
    except ZooError:
        raise
    except Exception as error:
        raise ZooError(
            f"the source {source.name!r} cannot state its models: {type(error).__name__}: {error}"
        ) from error
    strange = next((facts.source for facts in every if facts.source != source.name), None)
    if strange is not None:
        raise ZooError(f"the source {source.name!r} states models of another, {strange!r}")
    return {facts.model: Entry(facts, None, version) for facts in every}


_COUNTED: dict[str, tuple[ArchitectureFacts, StaticFacts]] = {}
"""Counts of a name, and the facts that stood for it then: its code may change between two registrations."""


def counted(entry: Entry) -> Entry:
    """An entry with its counts, for which the model is built where need be."""
    if entry.counts is not None:
        return entry
    facts = entry.facts
    known = _COUNTED.get(facts.model)
    if known is None or known[0] is not facts:
        known = _COUNTED[facts.model] = facts, _counted(facts)
        if entry.version:
            with suppress(OSError):
                write({facts.model: replace(entry, counts=known[1])})
    return replace(entry, counts=known[1])


def _counted(facts: ArchitectureFacts) -> StaticFacts:
    """Counts of a model that no catalogue has, the reason where there are none."""
    if facts.source in SOURCES:
        return _counts(source_of(facts.source), facts)
    found = ask_apart(facts.model, "zoo.registry.facts:count_users", facts.model)
    return StaticFacts(None, None, None, found.reason) if isinstance(found, Failure) else found


def count_users(model: str) -> StaticFacts:
    """Counts of a model that is registered in this process."""
    facts = registered()[model].facts
    return _counts(source_of(facts.source), facts)


def _counts(source: Source, facts: ArchitectureFacts) -> StaticFacts:
    return count(
        lambda: source.build(facts.architecture, facts.input_size),
        facts.input_size,
        on_meta=source.builds_on_meta,
    )

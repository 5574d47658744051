"""What is known of every model, answered from data that ships with the package; no library is imported."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata, resources
from typing import TYPE_CHECKING, Any

from zoo.errors import AmbiguousNameError, UnknownNameError
from zoo.registry import facts as facts_cache
from zoo.registry.naming import Name, parse_name
from zoo.registry.sources import user
from zoo.registry.spec import ModelSpec, Preprocessing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


SOURCES = ("torchvision", "timm")
DATA = "catalogue.json.gz"


@dataclass(frozen=True, slots=True)
class CatalogueDifference:
    """Architectures that the installed libraries have and the catalogue lacks, and the other way round.

    ``new_tags`` are weights of architectures that both have, by full name (``source/architecture.tag``).
    """

    new: tuple[str, ...]
    gone: tuple[str, ...]
    new_tags: tuple[str, ...]
    shipped_versions: Mapping[str, str]
    installed_versions: Mapping[str, str]


@lru_cache(maxsize=1)
def shipped() -> dict[str, Any]:
    """The catalogue as it ships: ``versions`` and ``models`` by full name."""
    raw = (resources.files("zoo.registry") / "data" / DATA).read_bytes()
    data: dict[str, Any] = json.loads(gzip.decompress(raw))
    return data


def installed_versions() -> dict[str, str]:
    """Versions of the two libraries, read from their metadata."""
    return {source: metadata.version(source) for source in SOURCES}


@lru_cache(maxsize=1)
def _entries() -> dict[str, Any]:
    """Every entry of the libraries by full name: shipped, or learned here of another version that is installed."""
    known = dict(shipped()["models"])
    learned = facts_cache.read()
    current = (
        {source: version for source, version in installed_versions().items() if _is_other(source)} if learned else {}
    )
    return known | {
        name: entry for name, entry in learned.items() if entry["version"] == current.get(entry["source"])
    }


def entries() -> dict[str, Any]:
    """Every entry by full name, user models included; theirs are without counts, since none is built for this."""
    own = user.registered()
    return _entries() | {name: facts_cache.describe_user_model(model) for name, model in own.items()}


def get(name: str) -> ModelSpec:
    """The spec of a name; a bare name means torchvision where torchvision has it, else timm, else the user's.

    A user's model is built on the meta device to be counted; what it raises then is ``not_counted``.

    Raises
    ------
    UnknownNameError
        With the nearest three names.
    AmbiguousNameError
        For a bare name that several of the user's models answer to.
    """
    wanted = parse_name(name)
    everything = entries()
    full = _resolve(wanted, everything) or _learn(wanted)
    if full is None:
        raise _unknown(wanted, everything)
    entry = entries()[full]
    tags = tags_of(full, entry)
    if wanted.tag is not None and wanted.tag not in tags and _learn_tags(full, entry):
        entry = entries()[full]
        tags = tags_of(full, entry)
    if wanted.tag is not None and wanted.tag not in tags:
        hint = f"{full} has " + (", ".join(list(tags)[:6]) + (" …" if len(tags) > 6 else "") or "no weights")
        raise UnknownNameError("weights tag", f"{full}.{wanted.tag}", [f"{full}.{tag}" for tag in tags], hint)
    return spec_of(full, entry, wanted.tag)


def full_and_tag(text: str) -> tuple[str, str | None]:
    """``source/architecture`` of a name as a user writes it, and the tag where there is one.

    Raises
    ------
    UnknownNameError
        No such model or tag.
    """
    spec = get(text)
    return f"{spec.source}/{spec.architecture}", parse_name(text).tag


def namesakes(spec: ModelSpec) -> tuple[str, ...]:
    """Full names of the architectures of the same name in other sources, in the order in which those are searched."""
    everything = entries()
    places = (*SOURCES, *_user_sources(everything))
    names = (f"{place}/{spec.architecture}" for place in places if place != spec.source)
    return tuple(name for name in names if name in everything)


def tag_entry(name: str, tag: str) -> Mapping[str, Any]:
    """What is stated of one set of weights: file, hub repository, licence, top-1, preprocessing."""
    spec = get(name)
    full = f"{spec.source}/{spec.architecture}"
    found: Mapping[str, Any] = tags_of(full, entries()[full])[tag]
    return found


def is_published(name: str, tag: str) -> bool:
    """Whether a tag of ``source/architecture`` is the source's own, rather than made here."""
    entry = entries().get(name)
    return entry is not None and tag in entry["tags"]


def difference() -> CatalogueDifference:
    """Compare the installed libraries with the catalogue (imports them)."""
    from zoo.registry.sources import SOURCE_MODULES, load_source

    modules = {source: load_source(source) for source in SOURCE_MODULES}
    there = {f"{source}/{name}" for source, module in modules.items() for name in module.architectures()}
    models = shipped()["models"]
    known = set(models)
    both = [(name, *name.split("/")) for name in sorted(there & known)]
    tags = ((name, tag) for name, source, own in both for tag in modules[source].facts(own).tags)
    return CatalogueDifference(
        new=tuple(sorted(there - known)),
        gone=tuple(sorted(known - there)),
        new_tags=tuple(f"{name}.{tag}" for name, tag in tags if tag not in models[name]["tags"]),
        shipped_versions=shipped()["versions"],
        installed_versions=installed_versions(),
    )


def _resolve(wanted: Name, everything: Mapping[str, Any]) -> str | None:
    for place in (wanted.source,) if wanted.source else SOURCES:
        if f"{place}/{wanted.architecture}" in everything:
            return f"{place}/{wanted.architecture}"
    if wanted.source:
        return None
    own = [f"{place}/{wanted.architecture}" for place in _user_sources(everything)]
    found = [name for name in own if name in everything]
    if len(found) > 1:
        raise AmbiguousNameError(f"{wanted.architecture!r} may be {' or '.join(found)}; write the full name")
    return found[0] if found else None


def _user_sources(everything: Mapping[str, Any]) -> list[str]:
    return sorted({entry["source"] for entry in everything.values()} - set(SOURCES))


def _is_other(source: str) -> bool:
    """Whether another version of a library is installed than the catalogue was made from."""
    return source in SOURCES and installed_versions()[source] != shipped()["versions"][source]


def _learn(wanted: Name) -> str | None:
    """Ask the installed libraries, where they are not those of the catalogue, and keep what they say."""
    for source in filter(_is_other, (wanted.source,) if wanted.source else SOURCES):
        if facts_cache.learn(source, wanted.architecture, installed_versions()[source]):
            _entries.cache_clear()
            return f"{source}/{wanted.architecture}"
    return None


def _learn_tags(full: str, entry: Mapping[str, Any]) -> bool:
    source = entry["source"]
    if not _is_other(source) or not facts_cache.learn_tags(full, entry, installed_versions()[source]):
        return False
    _entries.cache_clear()
    return True


def _unknown(wanted: Name, everything: Mapping[str, Any]) -> UnknownNameError:
    source = wanted.source
    if source is not None and source not in {entry["source"] for entry in everything.values()}:
        known = sorted({entry["source"] for entry in everything.values()})
        near = [full for full in everything if full.endswith(f"/{wanted.architecture}")]
        return UnknownNameError("model", str(wanted), near, f"sources are {', '.join(known)}")
    names: Iterable[str] = everything if source else (full.partition("/")[2] for full in everything)
    shown = f"{source}/{wanted.architecture}" if source else wanted.architecture
    return UnknownNameError("model", shown, dict.fromkeys(names), "see `zoo list`")


def tags_of(full: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Tags of the source, then those that ``zoo pretrain`` made here."""
    from zoo.registry.own_tags import own_tags

    return dict(entry["tags"]) | own_tags(full)


def spec_of(full: str, entry: Mapping[str, Any], tag: str | None) -> ModelSpec:
    """The spec of an entry with one of its tags, or with its default weights where ``tag`` is None."""
    if entry["source"] not in SOURCES:
        entry = {**entry, **facts_cache.count_user_model(full, user.registered()[full])}
    tags = tags_of(full, entry)
    chosen = tag if tag is not None else next(iter(tags), None)
    stated = tags[chosen] if chosen is not None else entry
    pre = stated["preprocessing"]
    return ModelSpec(
        name=full if tag is None else f"{full}.{tag}",
        source=entry["source"],
        architecture=entry["architecture"],
        tag=chosen,
        family=entry["family"],
        tags=tuple(tags),
        params=entry["params"],
        macs=entry["macs"],
        activations=entry["activations"],
        input_size=tuple(stated["input_size"]),
        preprocessing=None if pre is None else Preprocessing.from_list(pre),
        top1=stated.get("top1"),
        licence=stated.get("licence"),
        preprocessing_from=None if pre is None else "architecture" if chosen is None else "tag",
        not_counted=entry.get("not_counted"),
    )

"""What is known of every model, answered from data that ships with the package; no library is imported."""

from __future__ import annotations

import fnmatch
import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.errors import UnknownNameError, ZooError
from zoo.registry import facts_cache, user
from zoo.registry.licences import check_asked, is_permitted
from zoo.registry.naming import Name, parse_name
from zoo.registry.spec import ModelSpec, Preprocessing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SOURCES = ("torchvision", "timm")
DATA = "catalogue.json.gz"

SORT_KEYS = ("name", "params", "macs", "activations", "top1", "family", "input_size")
DESCENDING = ("top1",)


@dataclass(frozen=True, slots=True)
class CatalogueDifference:
    """Architectures that the installed libraries have and the catalogue lacks, and the other way round."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
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
    """Every entry by full name: shipped, then what was computed here for newer libraries, then the user's."""
    entries = dict(shipped()["models"])
    entries |= facts_cache.read()
    return entries


def _user_entries() -> dict[str, Any]:
    return {name: facts_cache.describe_user_model(name, model) for name, model in user.registered().items()}


def entries() -> dict[str, Any]:
    """Every entry by full name, user models included."""
    return _entries() | _user_entries()


def list_specs(
    *globs: str,
    source: str | None = None,
    max_params: float | None = None,
    max_macs: float | None = None,
    min_top1: float | None = None,
    pretrained: bool = False,
    family: str | None = None,
    licence: Iterable[str] = (),
    sort: str = "name",
) -> list[ModelSpec]:
    """Specs that match, one an architecture, with its default weights.

    Parameters
    ----------
    globs : str
        Shell patterns over full and bare names; a pattern with a tag (``resnet50.*``) gives one spec for
        each tag that matches. None means all.
    source, family : str, optional
    max_params, max_macs : float, optional
        Models whose figure is unknown are left out.
    min_top1 : float, optional
        In percent, as published.
    pretrained : bool
        Only architectures with weights.
    licence : iterable of str
        Licences that the weights may have, as :func:`zoo.registry.licences.is_permitted` takes them; where
        the default weights have another, the first tag that has one stands for the architecture.
    sort : str
        One of :data:`SORT_KEYS`; top-1 falls, everything else rises, the unknown come last.

    Raises
    ------
    ZooError
        For an unknown source, family, licence or sort key, and for a limit that is not above zero.
    """
    everything = entries()
    _check_filters(everything, source, family, sort, max_params, max_macs, min_top1)
    permitted = check_licences(licence)
    specs = []
    for name, entry in everything.items():
        if source is not None and entry["source"] != source:
            continue
        if family is not None and entry["family"] != family:
            continue
        if pretrained and not entry["tags"]:
            continue
        matching = _matching_tags(name, entry, globs)
        specs += [
            _spec(name, entry, tag) for tag in (_permitted(entry, matching, permitted) if permitted else matching)
        ]
    limits = (("params", max_params), ("macs", max_macs))
    for key, limit in limits:
        if limit is not None:
            specs = [spec for spec in specs if getattr(spec, key) is not None and getattr(spec, key) <= limit]
    if min_top1 is not None:
        specs = [spec for spec in specs if spec.top1 is not None and spec.top1 >= min_top1]
    return sorted(specs, key=lambda spec: _sort_key(spec, sort))


def list_models(*globs: str, **filters: Any) -> list[str]:
    """Full names of the models that match; parameters as of :func:`list_specs`."""
    return [spec.name for spec in list_specs(*globs, **filters)]


def get(name: str, weights: str | Path | None = None) -> ModelSpec:
    """The spec of a name; a bare name means torchvision where torchvision has it, else timm.

    Parameters
    ----------
    name : str
    weights : str or Path, optional
        The path of a checkpoint of your own: the preprocessing is then what the file states (a JSON file of
        the same name beside it, or the metadata of safetensors), and where it states nothing the
        architecture's; ``preprocessing_from`` says which.

    Raises
    ------
    UnknownNameError
        With the nearest three names.
    WeightsError
        For a checkpoint whose statement cannot be used.
    """
    if weights is not None:
        from zoo.registry.own_preprocessing import spec_of_checkpoint

        return spec_of_checkpoint(get(name), Path(weights))
    wanted = parse_name(name)
    everything = entries()
    full = _resolve(wanted, everything)
    if full is None:
        full = _learn(wanted)
        everything = entries()
    if full is None:
        raise _unknown(wanted, everything)
    entry = everything[full]
    tags = _tags(full, entry)
    if wanted.tag is not None and wanted.tag not in tags:
        hint = f"{full} has " + (", ".join(list(tags)[:6]) + (" …" if len(tags) > 6 else "") or "no weights")
        raise UnknownNameError("weights tag", f"{full}.{wanted.tag}", [f"{full}.{tag}" for tag in tags], hint)
    return _spec(full, entry, wanted.tag)


def full_and_tag(text: str) -> tuple[str, str | None]:
    """``source/architecture`` of a name as a user writes it, and the tag where there is one.

    Raises
    ------
    UnknownNameError
        No such model or tag.
    """
    spec = get(text)
    return f"{spec.source}/{spec.architecture}", parse_name(text).tag


def namesake(spec: ModelSpec) -> ModelSpec | None:
    """The architecture of the same name in the other library, if it has one."""
    for source in SOURCES:
        if source != spec.source and f"{source}/{spec.architecture}" in entries():
            return get(f"{source}/{spec.architecture}")
    return None


def tag_entry(name: str, tag: str) -> Mapping[str, Any]:
    """What is stated of one set of weights: file, hub repository, licence, top-1, preprocessing."""
    spec = get(name)
    full = f"{spec.source}/{spec.architecture}"
    found: Mapping[str, Any] = _tags(full, entries()[full])[tag]
    return found


def check_licences(asked: Iterable[str]) -> tuple[str, ...]:
    """Licences asked for, each of which some weights have.

    Raises
    ------
    UnknownNameError
        For one that none has.
    """
    stated = (tag.get("licence") for entry in entries().values() for tag in entry["tags"].values())
    return check_asked(asked, stated)


def is_published(name: str, tag: str) -> bool:
    """Whether a tag of ``source/architecture`` is the source's own, rather than made here."""
    entry = entries().get(name)
    return entry is not None and tag in entry["tags"]


def difference() -> CatalogueDifference:
    """Compare the installed libraries with the catalogue (imports them)."""
    from zoo.registry.sources import SOURCE_MODULES, load_source

    there = {f"{s}/{a}" for s in SOURCE_MODULES for a in load_source(s).architectures()}
    known = set(shipped()["models"])
    return CatalogueDifference(
        new=tuple(sorted(there - known)),
        gone=tuple(sorted(known - there)),
        shipped_versions=shipped()["versions"],
        installed_versions=installed_versions(),
    )


def _resolve(wanted: Name, everything: Mapping[str, Any]) -> str | None:
    places = (wanted.source,) if wanted.source else (*SOURCES, *_user_sources(everything))
    for place in places:
        if f"{place}/{wanted.architecture}" in everything:
            return f"{place}/{wanted.architecture}"
    return None


def _user_sources(everything: Mapping[str, Any]) -> list[str]:
    return sorted({entry["source"] for entry in everything.values()} - set(SOURCES))


def _learn(wanted: Name) -> str | None:
    """Ask the installed libraries, where they are newer than the catalogue, and keep what they say."""
    if installed_versions() == shipped()["versions"]:
        return None
    for source in (wanted.source,) if wanted.source else SOURCES:
        if source in SOURCES and facts_cache.learn(source, wanted.architecture):
            _entries.cache_clear()
            return f"{source}/{wanted.architecture}"
    return None


def _unknown(wanted: Name, everything: Mapping[str, Any]) -> UnknownNameError:
    source = wanted.source
    if source is not None and source not in {entry["source"] for entry in everything.values()}:
        known = sorted({entry["source"] for entry in everything.values()})
        near = [full for full in everything if full.endswith(f"/{wanted.architecture}")]
        return UnknownNameError("model", str(wanted), near, f"sources are {', '.join(known)}")
    names: Iterable[str] = everything if source else (full.partition("/")[2] for full in everything)
    shown = f"{source}/{wanted.architecture}" if source else wanted.architecture
    return UnknownNameError("model", shown, dict.fromkeys(names), "see `zoo list`")


def _tags(full: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Tags of the source, then those that ``zoo pretrain`` made here."""
    from zoo.registry.own_weights import own_tags

    return dict(entry["tags"]) | own_tags(full)


def _matching_tags(name: str, entry: Mapping[str, Any], globs: tuple[str, ...]) -> list[str | None]:
    bare = name.partition("/")[2]
    if not globs or any(fnmatch.fnmatchcase(n, g) for g in globs for n in (name, bare)):
        return [None]
    return [
        tag
        for tag in entry["tags"]
        if any("." in g and fnmatch.fnmatchcase(f"{n}.{tag}", g) for g in globs for n in (name, bare))
    ]


def _permitted(entry: Mapping[str, Any], matching: list[str | None], asked: tuple[str, ...]) -> list[str | None]:
    """Those tags whose licence was asked for; None, the default, gives way to the first that has one."""
    tags = entry["tags"]
    good = [tag for tag in tags if is_permitted(tags[tag].get("licence"), asked)]
    found: list[str | None] = []
    for tag in matching:
        if tag is not None:
            found += [tag] if tag in good else []
        elif good:
            found.append(None if good[0] == next(iter(tags)) else good[0])
    return found


def _spec(full: str, entry: Mapping[str, Any], tag: str | None) -> ModelSpec:
    tags = _tags(full, entry)
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
    )


def _sort_key(spec: ModelSpec, sort: str) -> tuple[Any, ...]:
    value = getattr(spec, sort)
    if value is None:
        return (1, 0, spec.name)
    return (0, -value if sort in DESCENDING else value, spec.name)


def _check_filters(
    everything: Mapping[str, Any],
    source: str | None,
    family: str | None,
    sort: str,
    max_params: float | None,
    max_macs: float | None,
    min_top1: float | None,
) -> None:
    if sort not in SORT_KEYS:
        raise UnknownNameError("sort key", sort, SORT_KEYS, f"permitted: {', '.join(SORT_KEYS)}")
    for kind, value in (("source", source), ("family", family)):
        known = {entry[kind] for entry in everything.values()}
        if value is not None and value not in known:
            raise UnknownNameError(kind, value, sorted(known), "see `zoo list`")
    for limit, bound in (("max params", max_params), ("max macs", max_macs), ("min top1", min_top1)):
        if bound is not None and not 0 < bound < float("inf"):
            raise ZooError(f"{limit} must be a number above 0, not {bound:g}")

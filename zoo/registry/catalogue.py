"""What is known of every model, without importing a library."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from zoo.errors import AmbiguousNameError, UnknownNameError, ZooError
from zoo.registry import facts
from zoo.registry.entry import UNCOUNTED, Entry
from zoo.registry.figures import figures_of
from zoo.registry.own_tags import own_tags
from zoo.registry.packaged import packaged, with_packaged
from zoo.registry.spelling import current_name, read_name, warn_of
from zoo.sources import SHIPPED, SOURCES, user
from zoo.sources.figure import IMAGENET, Figure, figure_at
from zoo.sources.naming import ModelName
from zoo.sources.spec import ModelSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zoo.canonical import JsonObject
    from zoo.sources.base import TagFacts


DATA = "catalogue.json.gz"


@lru_cache(maxsize=1)
def shipped() -> JsonObject:
    """The catalogue as it ships: ``versions``, ``models``, ``old_names``."""
    raw = (resources.files("zoo.registry") / "data" / DATA).read_bytes()
    data: JsonObject = json.loads(gzip.decompress(raw))
    return data


def installed_versions() -> dict[str, str]:
    """Versions of the libraries that the catalogue covers."""
    return {source: SOURCES.get(source).version() for source in SHIPPED}


@lru_cache(maxsize=1)
def _entries() -> dict[str, Entry]:
    """Entries of the libraries: shipped, or learned here of another version that is installed."""
    known = {name: Entry.from_dict(data) for name, data in shipped()["models"].items()}
    learned = facts.read()
    current = {source: v for source, v in installed_versions().items() if _is_other(source)} if learned else {}
    known |= {name: e for name, e in learned.items() if e.version == current.get(e.facts.source)}
    return known | {name: with_packaged(known[name]) for name in packaged() if name in known}


def entries() -> dict[str, Entry]:
    """Every entry by ``source/architecture``.

    Those of users' models and of other packages' sources are without counts where nothing needed them before.
    """
    every = _entries()
    others = [facts.stated_by(SOURCES.get(name)) for name in SOURCES if name not in SHIPPED]
    mine = user.registered()
    if not others and not mine:
        return every
    every = dict(every)
    for stated in others:
        every |= stated
    if taken := [name for name, model in mine.items() if model.facts.source in SOURCES]:
        raise ZooError(f"{taken[0]} is registered under the name of a source; register it under another")
    return every | {name: Entry(model.facts, None) for name, model in mine.items()}


def get(name: str) -> ModelSpec:
    """The spec of a model's name.

    A bare name means torchvision where torchvision has it, else timm, else another source's or the user's; with a
    tag that timm alone has, timm. A name of timm's from before it was changed means today's, with a warning. A
    user's model is built on the meta device to be counted; what it raises then is ``not_counted``.

    Raises
    ------
    UnknownNameError
        With the nearest three names.
    AmbiguousNameError
        For a bare name that several of the others answer to.
    """
    wanted, entry = _meant(name)
    tags = tags_of(entry)
    if wanted.tag is not None and wanted.tag not in tags and _learn_tags(entry):
        entry = entries()[entry.facts.model]
        tags = tags_of(entry)
    if wanted.tag is not None and wanted.tag not in tags:
        raise _unknown_tag(wanted, tags)
    return spec_of(entry, tags, wanted.tag)


def resolve(text: str) -> ModelName:
    """The full name that a user's spelling means, with the tag that it names.

    Raises
    ------
    UnknownNameError
        No such model or tag.
    """
    spec = get(text)
    # The name of a spec has a tag where the text, or an older name, named one.
    return ModelName(spec.source, spec.architecture, spec.tag if spec.name != spec.model else None)


def namesakes(spec: ModelSpec) -> tuple[str, ...]:
    """Architectures of the same name in other sources, by full name.

    In the order in which the sources are searched.
    """
    return _namesakes(ModelName(spec.source, spec.architecture))


def tag_facts(model: str, tag: str) -> TagFacts:
    """What is stated of one set of weights of ``source/architecture``.

    Raises
    ------
    UnknownNameError, KeyError
        No such model, and no such tag.
    """
    spec = get(model)
    return tags_of(entries()[spec.model])[tag]


def is_published(model: str, tag: str) -> bool:
    """Whether a tag of ``source/architecture`` is the source's own."""
    entry = entries().get(model)
    return entry is not None and tag in entry.tags


def _meant(text: str) -> tuple[ModelName, Entry]:
    """The full name that a user's spelling means, and the entry of its model.

    Raises UnknownNameError.
    """
    everything = entries()
    wanted = read_name(text, everything)
    model = _resolve(wanted, everything)
    if model is None and (current := today_name(wanted)) is not None:
        warn_of(wanted, current)
        wanted, model = current, current.model
    model = model or _learn(wanted)
    if model is None:
        raise _unknown(wanted, everything)
    entry = entries()[model]
    return ModelName(entry.facts.source, entry.facts.architecture, wanted.tag), entry


def today_name(name: ModelName) -> ModelName | None:
    """Today's name of a model whose library has changed it, else None."""
    return current_name(name, shipped()["old_names"])


def _resolve(wanted: ModelName, everything: Mapping[str, Entry]) -> str | None:
    places = (wanted.source,) if wanted.source else SHIPPED
    there = [name for place in places if (name := f"{place}/{wanted.architecture}") in everything]
    # Of a tag that one of the namesakes has, there is no doubt.
    having = [name for name in there if wanted.tag in everything[name].tags] if len(there) > 1 else there
    if there:
        return (having or there)[0]
    if wanted.source:
        return None
    others = [f"{place}/{wanted.architecture}" for place in _other_sources(everything)]
    found = [name for name in others if name in everything]
    if len(found) > 1:
        raise AmbiguousNameError(f"{wanted.architecture!r} may be {' or '.join(found)}; write the full name")
    return found[0] if found else None


def _namesakes(of: ModelName) -> tuple[str, ...]:
    everything = entries()
    places = (*SHIPPED, *_other_sources(everything))
    names = (f"{place}/{of.architecture}" for place in places if place != of.source)
    return tuple(name for name in names if name in everything)


def _other_sources(everything: Mapping[str, Entry]) -> list[str]:
    return sorted({entry.facts.source for entry in everything.values()} - set(SHIPPED))


def _is_other(source: str) -> bool:
    """Whether another version of a library is installed than the catalogue was made from."""
    return source in SHIPPED and installed_versions()[source] != shipped()["versions"][source]


def _learn(wanted: ModelName) -> str | None:
    """Ask the sources that may have more than is known of them, and keep what they say."""
    for name in (wanted.source,) if wanted.source else SHIPPED:
        model = f"{name}/{wanted.architecture}"
        if _is_other(name) and facts.learn(SOURCES.get(name), wanted.architecture):
            _entries.cache_clear()
            return model
        if name not in SHIPPED and name in SOURCES and model in facts.stated_by(SOURCES.get(name), again=True):
            return model
    return None


def _learn_tags(entry: Entry) -> bool:
    name = entry.facts.source
    if name not in SHIPPED and name in SOURCES:
        return bool(facts.stated_by(SOURCES.get(name), again=True))
    if not _is_other(name) or not facts.learn_tags(SOURCES.get(name), entry):
        return False
    _entries.cache_clear()
    return True


def _unknown(wanted: ModelName, everything: Mapping[str, Entry]) -> UnknownNameError:
    source = wanted.source
    known = sorted({entry.facts.source for entry in everything.values()})
    if source is not None and source not in known:
        near = [full for full in everything if full.endswith(f"/{wanted.architecture}")]
        return UnknownNameError("model", str(wanted), near, f"sources are {', '.join(known)}")
    names: Iterable[str] = everything if source else (full.partition("/")[2] for full in everything)
    return UnknownNameError(
        "model", wanted.model, dict.fromkeys(names), "see `zoo list`", caution="each a model with weights of its own"
    )


def _unknown_tag(wanted: ModelName, tags: Mapping[str, TagFacts]) -> UnknownNameError:
    """The line for a tag that a model has not; whose it is, where a namesake has it."""
    model = wanted.model
    full = f"{model}.{wanted.tag}"
    same = [f"{other}.{wanted.tag}" for other in _namesakes(wanted) if wanted.tag in entries()[other].tags]
    if same:
        return UnknownNameError("weights tag", full, (), f"these weights are {same[0]}")
    known = ", ".join(list(tags)[:6]) + (" …" if len(tags) > 6 else "")
    hint = f"{model} has {known}" if known else f"{model} has no weights"
    near = [f"{model}.{tag}" for tag in tags]
    return UnknownNameError("weights tag", full, near, hint, caution="other weights than those named")


def tags_of(entry: Entry) -> dict[str, TagFacts]:
    """Tags of the source, then those that ``zoo pretrain`` made here."""
    return entry.tags | own_tags(entry.facts.model, entry.tags)


def published_of(entry: Entry, tag: str, stated: TagFacts) -> tuple[Figure, ...]:
    """Accuracies that are published of a tag.

    What its source states comes before the tables. Of what a user made, nothing is published.
    """
    own: tuple[Figure, ...] = ()
    if stated.top1 is not None:
        own = (Figure(IMAGENET, stated.input_size[1], stated.top1, stated.top5, entry.facts.source),)
    return own + (figures_of(entry.facts.model, tag) if tag in entry.tags else ())


def spec_of(
    entry: Entry, tags: Mapping[str, TagFacts], tag: str | None, size: tuple[int, int, int] | None = None
) -> ModelSpec:
    """The spec of an entry with one of its tags, or with its default weights.

    Parameters
    ----------
    entry : Entry
        A model that was never counted is built for it.
    tags : mapping of str to TagFacts
        As :func:`tags_of` gives them.
    tag : str or None
        None means the default weights.
    size : tuple of int, optional
        Channels, height, width, where it is not the one that the weights are made for.
    """
    entry = facts.counted(entry)
    counts, stated = entry.counts, entry.facts
    assert counts is not None
    chosen = tag if tag is not None else next(iter(tags), None)
    of_tag = tags[chosen] if chosen is not None else None
    pre = of_tag.preprocessing if of_tag else stated.preprocessing
    size = size or (of_tag.input_size if of_tag else stated.input_size)
    published = published_of(entry, chosen, of_tag) if chosen is not None and of_tag else ()
    top1 = figure_at(published, IMAGENET, size[1])
    at_size = entry.counts_at(size) or UNCOUNTED
    return ModelSpec(
        name=stated.model if tag is None else f"{stated.model}.{tag}",
        source=stated.source,
        architecture=stated.architecture,
        tag=chosen,
        family=stated.family,
        tags=tuple(tags),
        params=counts.params,
        macs=at_size.macs,
        activations=at_size.activations,
        input_size=size,
        preprocessing=pre,
        top1=None if top1 is None else top1.top1,
        licence=of_tag.licence if of_tag else stated.licence,
        preprocessing_from=None if pre is None else "tag" if of_tag else "architecture",
        not_counted=counts.reason or None,
        published=published,
        deployed_params=counts.deployed_params,
        deployed_macs=at_size.deployed_macs,
    )

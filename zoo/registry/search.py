"""Models of the catalogue that match patterns and limits."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from zoo.checks import filled, flag, number, text
from zoo.errors import UnknownNameError, ZooError
from zoo.registry.catalogue import entries, published_of, spec_of, tags_of, today_name
from zoo.registry.licences import check_asked, is_permitted
from zoo.registry.own_tags import own_sources
from zoo.registry.spelling import read_name, warn_of
from zoo.sources.figure import IMAGENET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zoo.registry.entry import Entry
    from zoo.sources.base import TagFacts
    from zoo.sources.spec import ModelSpec


SORT_KEYS = ("name", "params", "macs", "activations", "top1", "family", "input_size")
DESCENDING = ("top1",)

LEAST_TOP1 = 1e-9
"""A top-1, in percent, that every figure reaches."""

COUNTS = {"params": "deployed_params", "macs": "deployed_macs"}
"""Fields of a spec that models are narrowed and sorted by: what is run in use."""


def list_specs(
    *globs: str,
    source: str | None = None,
    max_params: float | None = None,
    max_macs: float | None = None,
    min_top1: float | None = None,
    pretrained: bool = False,
    family: str | None = None,
    licence: str | Iterable[str] = (),
    sort: str = "name",
) -> list[ModelSpec]:
    """Specs that match, one an architecture, with its default weights.

    With ``min_top1`` one for each set of weights, and each size of images, that reaches it.

    Parameters
    ----------
    globs : str
        Shell patterns over full and bare names; a pattern with a tag (``resnet50.*``) gives one spec for
        each tag that matches. Older names and the hub's mean today's. None means all.
    source, family : str, optional
    max_params, max_macs : float, optional
        Of the form that is deployed. Models whose figure is unknown are left out.
    min_top1 : float, optional
        In percent, as published; of weights that nobody states it of none is known to reach it.
    pretrained : bool
        Only architectures with weights.
    licence : str or iterable of str
        Licences that the weights may have, as :func:`zoo.registry.licences.is_permitted` takes them; where
        the default weights have another, the first tag that has one stands for the architecture.
    sort : str
        One of :data:`SORT_KEYS`, parameters and MACs those of the form that is deployed; top-1 falls, everything else
        rises, the unknown come last.

    Raises
    ------
    ZooError
        For an unknown source, family, licence or sort key, and for a limit that is not above zero.
    """
    everything = entries()
    _check_filters(everything, globs, source, family, sort)
    flag(pretrained, "", "pretrained")
    for name, bound in (("max_params", max_params), ("max_macs", max_macs), ("min_top1", min_top1)):
        if bound is not None:
            number(bound, "", name)
    permitted = check_licences(licence)
    globs = (*globs, *_spelled_otherwise(globs, everything))
    made_here = own_sources()  # one look at the disk, rather than one for each architecture
    specs = []
    for entry in everything.values():
        facts = entry.facts
        if source is not None and facts.source != source:
            continue
        if family is not None and facts.family != family:
            continue
        tags = tags_of(entry) if facts.source in made_here else entry.tags
        if pretrained and not tags:
            continue
        matching = _matching_tags(entry, tags, globs)
        if min_top1 is not None:
            matching = list(tags) if None in matching else matching
        chosen = _permitted(tags, matching, permitted) if permitted else matching
        if min_top1 is None:
            specs += [spec_of(entry, tags, tag) for tag in chosen]
        else:
            specs += _reaching(entry, tags, chosen, min_top1)
    for key, limit in ((COUNTS["params"], max_params), (COUNTS["macs"], max_macs)):
        if limit is not None:
            specs = [spec for spec in specs if getattr(spec, key) is not None and getattr(spec, key) <= limit]
    return sorted(specs, key=lambda spec: _sort_key(spec, sort))


class Filters(TypedDict, total=False):
    """What :func:`list_specs` narrows and sorts a list by."""

    source: str | None
    max_params: float | None
    max_macs: float | None
    min_top1: float | None
    pretrained: bool
    family: str | None
    licence: str | Iterable[str]
    sort: str


def list_models(*globs: str, **filters: Unpack[Filters]) -> list[str]:
    """Full names of the models that match.

    Parameters as of :func:`list_specs`.
    """
    return list(dict.fromkeys(spec.name for spec in list_specs(*globs, **filters)))


def check_licences(asked: str | Iterable[str]) -> tuple[str, ...]:
    """Licences asked for, each of which some weights have.

    Raises
    ------
    UnknownNameError
        For one that none has.
    """
    stated = (tag.licence for entry in entries().values() for tag in entry.tags.values())
    return check_asked(filled(asked, "", "licence") if asked != () else (), stated)


def _spelled_otherwise(globs: Iterable[str], everything: Mapping[str, Entry]) -> list[str]:
    """Names of the catalogue that older ones, or the hub's, stand for."""
    found = []
    for glob in globs:
        try:
            name = read_name(glob, everything)
        except ZooError:
            continue  # a pattern
        current = today_name(name)
        if current is not None:
            warn_of(name, current)
        found += [str(current or name)] if str(current or name) != glob else []
    return found


def _matching_tags(entry: Entry, tags: Iterable[str], globs: tuple[str, ...]) -> list[str | None]:
    names = (entry.facts.model, entry.facts.architecture)
    if not globs or any(fnmatch.fnmatchcase(name, glob) for glob in globs for name in names):
        return [None]
    tagged = [glob for glob in globs if "." in glob]
    return [
        tag
        for tag in (tags if tagged else ())
        if any(fnmatch.fnmatchcase(f"{name}.{tag}", glob) for glob in tagged for name in names)
    ]


def _reaching(
    entry: Entry, tags: Mapping[str, TagFacts], chosen: Iterable[str | None], min_top1: float
) -> list[ModelSpec]:
    """Specs of the weights that reach a top-1, one for each size of images that it is stated for."""
    specs = []
    for tag in filter(None, chosen):
        channels, height, width = tags[tag].input_size
        for figure in published_of(entry, tag, tags[tag]):
            if figure.dataset == IMAGENET and figure.top1 >= min_top1:
                side = figure.side or height
                size = (channels, height, width) if side == height else (channels, side, side)
                specs.append(spec_of(entry, tags, tag, size))
    return specs


def _permitted(tags: Mapping[str, TagFacts], matching: list[str | None], asked: tuple[str, ...]) -> list[str | None]:
    """Those tags whose licence was asked for; None, the default, gives way to the first that has one."""
    good = [tag for tag in tags if is_permitted(tags[tag].licence, asked)]
    found: list[str | None] = []
    for tag in matching:
        if tag is not None:
            found += [tag] if tag in good else []
        elif good:
            found.append(None if good[0] == next(iter(tags)) else good[0])
    return found


def _sort_key(spec: ModelSpec, sort: str) -> tuple[Any, ...]:
    value = getattr(spec, COUNTS.get(sort, sort))
    if value is None:
        return (1, 0, spec.name)
    return (0, -value if sort in DESCENDING else value, spec.name, spec.input_size)


def _check_filters(
    everything: Mapping[str, Entry], globs: tuple[str, ...], source: str | None, family: str | None, sort: str
) -> None:
    for glob in globs:
        text(glob, "", "globs")
    if text(sort, "", "sort") not in SORT_KEYS:
        raise UnknownNameError("sort key", sort, SORT_KEYS, f"permitted: {', '.join(SORT_KEYS)}")
    for kind, value in (("source", source), ("family", family)):
        if value is None:
            continue
        text(value, "", kind)
        known = {getattr(entry.facts, kind) for entry in everything.values()}
        if value not in known:
            raise UnknownNameError(kind, value, sorted(known), "see `zoo list`")

"""Models that match patterns and limits, found in the catalogue; no library is imported."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

from zoo.errors import UnknownNameError, ZooError
from zoo.registry.catalogue import entries, spec_of, tags_of
from zoo.registry.licences import check_asked, is_permitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zoo.registry.spec import ModelSpec


SORT_KEYS = ("name", "params", "macs", "activations", "top1", "family", "input_size")
DESCENDING = ("top1",)


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
        if pretrained and not tags_of(name, entry):
            continue
        matching = _matching_tags(name, entry, globs)
        specs += [
            spec_of(name, entry, tag)
            for tag in (_permitted(name, entry, matching, permitted) if permitted else matching)
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


def check_licences(asked: Iterable[str]) -> tuple[str, ...]:
    """Licences asked for, each of which some weights have.

    Raises
    ------
    UnknownNameError
        For one that none has.
    """
    stated = (tag.get("licence") for entry in entries().values() for tag in entry["tags"].values())
    return check_asked(asked, stated)


def _matching_tags(name: str, entry: Mapping[str, Any], globs: tuple[str, ...]) -> list[str | None]:
    bare = name.partition("/")[2]
    if not globs or any(fnmatch.fnmatchcase(n, g) for g in globs for n in (name, bare)):
        return [None]
    tagged = [g for g in globs if "." in g]
    return [
        tag
        for tag in (tags_of(name, entry) if tagged else ())
        if any(fnmatch.fnmatchcase(f"{n}.{tag}", g) for g in tagged for n in (name, bare))
    ]


def _permitted(
    name: str, entry: Mapping[str, Any], matching: list[str | None], asked: tuple[str, ...]
) -> list[str | None]:
    """Those tags whose licence was asked for; None, the default, gives way to the first that has one."""
    tags = tags_of(name, entry)
    good = [tag for tag in tags if is_permitted(tags[tag].get("licence"), asked)]
    found: list[str | None] = []
    for tag in matching:
        if tag is not None:
            found += [tag] if tag in good else []
        elif good:
            found.append(None if good[0] == next(iter(tags)) else good[0])
    return found


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

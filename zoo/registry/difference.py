"""What the installed libraries have that the catalogue has not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.registry.catalogue import installed_versions, shipped
from zoo.sources import SHIPPED, SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class CatalogueDifference:
    """What the installed libraries and the catalogue have not in common.

    Attributes
    ----------
    new, gone : tuple of str
        Architectures that the libraries have and the catalogue lacks, and the other way round.
    new_tags : tuple of str
        Weights of architectures that both have, by full name (``source/architecture.tag``).
    shipped_versions, installed_versions : mapping of str to str
    """

    new: tuple[str, ...]
    gone: tuple[str, ...]
    new_tags: tuple[str, ...]
    shipped_versions: Mapping[str, str]
    installed_versions: Mapping[str, str]


def difference() -> CatalogueDifference:
    """Compare the installed libraries, which it imports, with the catalogue."""
    sources = {name: SOURCES.get(name) for name in SHIPPED}
    there = {f"{name}/{architecture}" for name, source in sources.items() for architecture in source.architectures()}
    models = shipped()["models"]
    known = set(models)
    both = [(model, *model.split("/")) for model in sorted(there & known)]
    tags = ((model, tag) for model, name, own in both for tag in sources[name].facts(own).tags)
    return CatalogueDifference(
        new=tuple(sorted(there - known)),
        gone=tuple(sorted(known - there)),
        new_tags=tuple(f"{model}.{tag}" for model, tag in tags if tag not in models[model]["tags"]),
        shipped_versions=shipped()["versions"],
        installed_versions=installed_versions(),
    )

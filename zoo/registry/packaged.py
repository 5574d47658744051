"""Weights that other packages carry, and the tags that they are known by."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources, util
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.registry.entry import Entry


DATA = "packaged.json"

TAG = "packaged"


@dataclass(frozen=True, slots=True)
class Packaged:
    """One file of weights in a package.

    Attributes
    ----------
    model : str
        ``source/architecture``.
    distribution, version : str
        What is installed.
    package, file : str
        The package as it would be imported, and the file's path in it.
    sha256 : str
        Of the file.
    licence, origin : str
        Of the weights, and the address of whoever packed them.
    """

    model: str
    distribution: str
    version: str
    package: str
    file: str
    sha256: str
    licence: str
    origin: str

    @property
    def path(self) -> Path | None:
        """The file, None where the package is not installed or is without it.

        The package is found and not imported: nothing of it runs.
        """
        try:
            spec = util.find_spec(self.package)
        except (ImportError, ValueError):
            return None
        folders = [] if spec is None else spec.submodule_search_locations or []
        files = (Path(folder) / self.file for folder in folders)
        return next((file for file in files if file.is_file()), None)

    @property
    def requirement(self) -> str:
        """Distribution and version, as an installer takes them."""
        return f"{self.distribution}=={self.version}"


@lru_cache(maxsize=1)
def packaged() -> dict[str, Packaged]:
    """What is known of such weights, by ``source/architecture``."""
    rows = json.loads((resources.files("zoo.registry") / "data" / DATA).read_text())
    return {row["model"]: Packaged(**row) for row in rows}


def packaged_of(model: str, tag: str | None) -> Packaged | None:
    """The packaged weights that a tag of ``source/architecture`` means."""
    return packaged().get(model) if tag == TAG else None


def with_packaged(entry: Entry) -> Entry:
    """An entry with the tag of its packaged weights as the last.

    Such weights have the size and the preprocessing of the source's default ones.
    """
    found = packaged().get(entry.facts.model)
    if found is None:
        return entry
    tags = {tag: stated for tag, stated in entry.facts.tags.items() if tag != TAG}
    first = next(iter(tags.values()))
    own = replace(first, top1=None, top5=None, licence=found.licence, file=None, url=None, hub_id=None)
    return replace(entry, facts=replace(entry.facts, tags={**tags, TAG: own}))

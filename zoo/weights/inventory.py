"""The files of weights in the caches, and whether they are whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.registry.catalogue import entries, resolve, tags_of
from zoo.registry.own_tags import own_sources
from zoo.registry.packaged import packaged_of
from zoo.weights.caches import LOCK, PART, blob_lock, hub_folder, hub_folder_name, hugging_face_dir, torch_hub_dir
from zoo.weights.digests import remembered, stated_kind
from zoo.weights.file import PACKAGE, WeightsFile, stated_digest, verify
from zoo.weights.locate import places

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from zoo.sources.naming import ModelName


VERIFIED, DAMAGED, UNCHECKED, NO_DIGEST, CUT = "verified", "damaged", "not checked", "no digest", "cut download"

UNFINISHED = ".incomplete"
"""What the names of the hub client's own downloads end with."""


@dataclass(frozen=True, slots=True)
class CachedFile:
    """A file of weights in a cache.

    Attributes
    ----------
    name, tag : str
        ``source/architecture`` and tag; empty for a cut download that no name is known of.
    kind : str
        ``"torch-hub"``, ``"hugging-face"``, ``"zoo"`` or ``"package"``.
    path : Path
    size : int
        Bytes on the disk.
    state : str
        ``verified``, ``damaged``, ``not checked`` (since it changed last), ``no digest`` (nothing states one)
        or ``cut download``.
    licence : str or None
    sha256 : str or None
        Where it is known without reading the file.
    also : tuple of str
        Further names of the same bytes: timm has some of torchvision's files as tags of its own.
    """

    name: str
    tag: str
    kind: str
    path: Path
    size: int
    state: str
    licence: str | None
    sha256: str | None
    also: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """``source/architecture.tag``."""
        return f"{self.name}.{self.tag}" if self.name else ""

    @property
    def remedy(self) -> str:
        """What brings or makes the file again."""
        return WeightsFile(self.path, self.tag, self.kind, self.name).remedy


def inventory(*, check: bool = False) -> list[CachedFile]:
    """Every file of weights that the catalogue knows, and cut downloads.

    In the three caches and in the packages that carry some, each file once.

    Parameters
    ----------
    check : bool
        Read every file and compare its digest; otherwise what is remembered of unchanged files counts.
    """
    found: dict[Path, list[tuple[WeightsFile, str | None]]] = {}
    for file, licence in _files():
        found.setdefault(file.path.resolve(), []).append((file, licence))
    return [*(_kept(named, check) for named in found.values()), *_cut()]


def _files() -> Iterable[tuple[WeightsFile, str | None]]:
    """What is there, with its licence; a cache's folder is asked once, not for every tag."""
    hub, torch_hub, made_here = _names(hugging_face_dir()), _names(torch_hub_dir()), own_sources()
    for name, entry in entries().items():
        tags = tags_of(entry) if entry.facts.source in made_here else entry.tags
        for tag, stated in tags.items():
            there = stated.file in torch_hub
            there = there or packaged_of(name, tag) is not None
            there = there or (stated.hub_id is not None and hub_folder_name(stated.hub_id) in hub)
            if not there and tag in entry.tags:
                continue
            for kind, path in places(name, tag):
                if path.is_file():
                    yield WeightsFile(path, tag, kind, name), stated.licence


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _kept(named: list[tuple[WeightsFile, str | None]], check: bool) -> CachedFile:
    """One file with all the names it has; the first stated licence is that of the bytes."""
    file = named[0][0]
    names = [f"{one.name}.{one.tag}" for one, _ in named]
    licence = next((stated for _, stated in named if stated), None)
    state, size = _state(file, check), file.path.stat().st_size
    return CachedFile(
        file.name, file.tag, file.kind, file.path, size, state, licence, remembered(file.path), tuple(names[1:])
    )


def _state(file: WeightsFile, check: bool) -> str:
    stated = stated_digest(file)
    if not stated:
        return NO_DIGEST
    if check:
        try:
            verify(file)
        except WeightsError:
            return DAMAGED
        return VERIFIED
    known = remembered(file.path)
    if known is None or stated_kind(stated) != "SHA-256":
        return UNCHECKED
    return VERIFIED if known.startswith(stated) else DAMAGED


def _cut() -> list[CachedFile]:
    """What downloads that were cut left: the zoo's, and the hub client's own, in repositories of the catalogue."""
    found = [("torch-hub", path) for path in sorted(torch_hub_dir().glob(f"*{PART}"))]
    tags = (stated for entry in entries().values() for stated in entry.tags.values())
    ours = {stated.hub_id for stated in tags if stated.hub_id}
    there = _names(hugging_face_dir())
    for folder in sorted(hub_folder(hub_id) for hub_id in ours):
        if folder.name in there:
            parts = [path for ending in (PART, UNFINISHED) for path in (folder / "blobs").glob(f"*{ending}")]
            found += [("hugging-face", path) for path in sorted(parts)]
    return [CachedFile("", "", kind, path, path.stat().st_size, CUT, None, None) for kind, path in found]


def remove(cached: CachedFile) -> int:
    """Delete a file of weights and what belongs to it alone.

    A blob of the hub's cache that another snapshot names stays.

    Returns
    -------
    int
        Bytes that were freed.

    Raises
    ------
    WeightsError
        Where it cannot be deleted, for a download that is not cut but goes on, and for a file of a package.
    """
    if cached.kind == PACKAGE:
        carried = packaged_of(cached.name, cached.tag)
        named = carried.distribution if carried else "it"
        raise WeightsError(f"{cached.full_name}: belongs to an installed package; `pip uninstall {named}` removes it")
    try:
        if cached.state == CUT:
            _remove_cut(cached)
            return cached.size
        if cached.kind == "zoo":
            cached.path.with_suffix(".json").unlink(missing_ok=True)
        if cached.kind == "hugging-face" and cached.path.is_symlink():
            blob = cached.path.resolve()
            cached.path.unlink()
            repository = blob.parent.parent
            if any(link.resolve() == blob for link in repository.glob("snapshots/*/*")):
                return 0
            blob.unlink(missing_ok=True)
            return cached.size
        cached.path.unlink()
        return cached.size
    except OSError as error:
        raise WeightsError(f"{cached.path}: cannot be deleted: {error.strerror or error}") from None


def _remove_cut(cached: CachedFile) -> None:
    """Delete what a cut download left, holding the lock that a running one would hold."""
    from filelock import FileLock, Timeout

    if cached.kind == "hugging-face":
        # The hub's client puts a word of its own between the digest and the ending.
        lock = blob_lock(cached.path.with_name(cached.path.name.partition(".")[0]))
    else:
        lock = cached.path.with_name(cached.path.name.removesuffix(PART) + LOCK)
    if not lock.exists():
        cached.path.unlink(missing_ok=True)
        return
    try:
        with FileLock(lock, timeout=0):
            cached.path.unlink(missing_ok=True)
    except Timeout:
        raise WeightsError(f"{cached.path}: a download of it is running, so it stays") from None


def select(found: list[CachedFile], names: Iterable[str]) -> list[CachedFile]:
    """Those of an inventory that names mean.

    An architecture means all its tags, and a name with a tag that one.

    Raises
    ------
    UnknownNameError
        For an unknown model or tag.
    WeightsError
        Where nothing of a name is there.
    """
    chosen: list[CachedFile] = []
    for text in names:
        name = resolve(text)
        mine = [file for file in found if any(_means(name, one) for one in (file.full_name, *file.also))]
        if not mine:
            raise WeightsError(f"no weights of {re.sub(r'[^ -~]', '?', text)} are in the caches; see `zoo weights`")
        chosen += [file for file in mine if file not in chosen]
    return chosen


def _means(name: ModelName, full_name: str) -> bool:
    return full_name == str(name) if name.tag is not None else full_name.startswith(f"{name.model}.")

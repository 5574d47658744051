"""What weights lie in the caches: whose they are, how large, whether their bytes are what they should be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.paths import weights_dir
from zoo.registry.catalogue import entries, full_and_tag
from zoo.registry.own_tags import own_tags
from zoo.weights.caches import LOCK, PART, blob_lock, hub_folder, hugging_face_dir, torch_hub_dir
from zoo.weights.digests import remembered, stated_kind
from zoo.weights.file import WeightsFile, stated_digest, verify
from zoo.weights.locate import places

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


VERIFIED, DAMAGED, UNCHECKED, NO_DIGEST, CUT = "verified", "damaged", "not checked", "no digest", "cut download"

UNFINISHED = ".incomplete"
"""What the names of the hub client's own downloads end with."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of weights in a cache.

    Attributes
    ----------
    name, tag : str
        ``source/architecture`` and tag; empty for a cut download that no name is known of.
    kind : str
        ``"torch-hub"``, ``"hugging-face"`` or ``"zoo"``.
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


def inventory(*, check: bool = False) -> list[Kept]:
    """Every file of weights in the three caches that the catalogue knows, once, and downloads that were cut.

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
    hub, torch_hub, sources = (_names(folder) for folder in (hugging_face_dir(), torch_hub_dir(), weights_dir()))
    for name, entry in entries().items():
        own = own_tags(name) if entry["source"] in sources else {}
        for tag, stated in {**entry["tags"], **own}.items():
            there = stated.get("file") in torch_hub
            there = there or ("models--" + str(stated.get("hub_id")).replace("/", "--")) in hub
            if not there and tag not in own:
                continue
            for kind, path in places(name, tag):
                if path.is_file():
                    yield WeightsFile(path, tag, kind, name), stated.get("licence")


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _kept(named: list[tuple[WeightsFile, str | None]], check: bool) -> Kept:
    """One file with all the names it has; the first stated licence is that of the bytes."""
    file = named[0][0]
    names = [f"{one.name}.{one.tag}" for one, _ in named]
    licence = next((stated for _, stated in named if stated), None)
    state, size = _state(file, check), file.path.stat().st_size
    return Kept(
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


def _cut() -> list[Kept]:
    """What downloads that were cut left: the zoo's, and the hub client's own, in repositories of the catalogue."""
    found = [("torch-hub", path) for path in sorted(torch_hub_dir().glob(f"*{PART}"))]
    ours = {stated.get("hub_id") for entry in entries().values() for stated in entry["tags"].values()} - {None}
    there = _names(hugging_face_dir())
    for folder in sorted(hub_folder(hub_id) for hub_id in ours):
        if folder.name in there:
            parts = [path for ending in (PART, UNFINISHED) for path in (folder / "blobs").glob(f"*{ending}")]
            found += [("hugging-face", path) for path in sorted(parts)]
    return [Kept("", "", kind, path, path.stat().st_size, CUT, None, None) for kind, path in found]


def remove(kept: Kept) -> int:
    """Delete a file of weights and what belongs to it alone; the bytes freed.

    A blob of the hub's cache that another snapshot names stays.

    Raises
    ------
    WeightsError
        Where it cannot be deleted, and for a download that is not cut but goes on.
    """
    try:
        if kept.state == CUT:
            _remove_cut(kept)
            return kept.size
        if kept.kind == "zoo":
            kept.path.with_suffix(".json").unlink(missing_ok=True)
        if kept.kind == "hugging-face" and kept.path.is_symlink():
            blob = kept.path.resolve()
            kept.path.unlink()
            repository = blob.parent.parent
            if any(link.resolve() == blob for link in repository.glob("snapshots/*/*")):
                return 0
            blob.unlink(missing_ok=True)
            return kept.size
        kept.path.unlink()
        return kept.size
    except OSError as error:
        raise WeightsError(f"{kept.path}: cannot be deleted: {error.strerror or error}") from None


def _remove_cut(kept: Kept) -> None:
    """Delete what a cut download left, holding the lock that a running one would hold."""
    from filelock import FileLock, Timeout

    if kept.kind == "hugging-face":
        # The hub's client puts a word of its own between the digest and the ending.
        lock = blob_lock(kept.path.with_name(kept.path.name.partition(".")[0]))
    else:
        lock = kept.path.with_name(kept.path.name.removesuffix(PART) + LOCK)
    if not lock.exists():
        kept.path.unlink(missing_ok=True)
        return
    try:
        with FileLock(lock, timeout=0):
            kept.path.unlink(missing_ok=True)
    except Timeout:
        raise WeightsError(f"{kept.path}: a download of it is running, so it stays") from None


def select(found: list[Kept], names: Iterable[str]) -> list[Kept]:
    """Those of an inventory that names mean: an architecture with all its tags, or one tag of it.

    Raises
    ------
    UnknownNameError
        For an unknown model or tag.
    WeightsError
        Where nothing of a name is there.
    """
    chosen: list[Kept] = []
    for text in names:
        full, tag = full_and_tag(text)
        mine = [kept for kept in found if any(_means(full, tag, one) for one in (kept.full_name, *kept.also))]
        if not mine:
            raise WeightsError(f"no weights of {re.sub(r'[^ -~]', '?', text)} are in the caches; see `zoo weights`")
        chosen += [kept for kept in mine if kept not in chosen]
    return chosen


def _means(full: str, tag: str | None, full_name: str) -> bool:
    return full_name == f"{full}.{tag}" if tag is not None else full_name.startswith(f"{full}.")

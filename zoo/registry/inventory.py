"""What weights lie in the caches: whose they are, how large, whether their bytes are what they should be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.paths import weights_dir
from zoo.registry.catalogue import entries, full_and_tag
from zoo.registry.digests import remembered, stated_kind
from zoo.registry.http_file import PART
from zoo.registry.own_weights import own_tags
from zoo.registry.weights import WeightsFile, hugging_face_dir, places, stated_digest, torch_hub_dir, verify

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

VERIFIED, DAMAGED, UNCHECKED, NO_DIGEST, CUT = "verified", "damaged", "not checked", "no digest", "cut download"


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
    """

    name: str
    tag: str
    kind: str
    path: Path
    size: int
    state: str
    licence: str | None
    sha256: str | None

    @property
    def full_name(self) -> str:
        """``source/architecture.tag``."""
        return f"{self.name}.{self.tag}" if self.name else ""


def inventory(*, check: bool = False) -> list[Kept]:
    """Every file of weights in the three caches that the catalogue knows, and downloads that were cut.

    Parameters
    ----------
    check : bool
        Read every file and compare its digest; otherwise what is remembered of unchanged files counts.
    """
    found = [_kept(name, tag, kind, path, licence, check) for name, tag, kind, path, licence in _files()]
    return [*found, *_cut()]


def _files() -> Iterable[tuple[str, str, str, Path, str | None]]:
    """Name, tag, kind, path and licence of what is there; a cache's folder is asked once, not for every tag."""
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
                    yield name, tag, kind, path, stated.get("licence")


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _kept(name: str, tag: str, kind: str, path: Path, licence: str | None, check: bool) -> Kept:
    state = _state(WeightsFile(path, tag, kind, name), check)
    return Kept(name, tag, kind, path, path.stat().st_size, state, licence, remembered(path))


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
    """What downloads that were cut left: the zoo's, and the hub client's own."""
    patterns = (
        ("torch-hub", torch_hub_dir(), f"*{PART}"),
        ("hugging-face", hugging_face_dir(), f"models--timm--*/blobs/*{PART}"),
        ("hugging-face", hugging_face_dir(), "models--timm--*/blobs/*.incomplete"),
    )
    return [
        Kept("", "", kind, path, path.stat().st_size, CUT, None, None)
        for kind, folder, pattern in patterns
        for path in sorted(folder.glob(pattern))
    ]


def remove(kept: Kept) -> int:
    """Delete a file of weights and what belongs to it alone; the bytes freed.

    A blob of the hub's cache that another snapshot names stays.

    Raises
    ------
    WeightsError
        Where it cannot be deleted.
    """
    try:
        size = kept.size
        if kept.kind == "zoo":
            kept.path.with_suffix(".json").unlink(missing_ok=True)
        if kept.kind == "hugging-face" and kept.path.is_symlink():
            blob = kept.path.resolve()
            kept.path.unlink()
            repository = blob.parent.parent
            if any(link.resolve() == blob for link in repository.glob("snapshots/*/*")):
                return 0
            blob.unlink(missing_ok=True)
            return size
        kept.path.unlink()
        return size
    except OSError as error:
        raise WeightsError(f"{kept.path}: cannot be deleted: {error.strerror or error}") from None


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
        mine = [kept for kept in found if kept.name == full and tag in (None, kept.tag)]
        if not mine:
            raise WeightsError(f"no weights of {re.sub(r'[^ -~]', '?', text)} are in the caches; see `zoo weights`")
        chosen += [kept for kept in mine if kept not in chosen]
    return chosen

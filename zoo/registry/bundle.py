"""Bundles: weights with their digests and licences in one file, for a machine without a network."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from zoo.errors import UnknownNameError, WeightsError
from zoo.paths import written_whole
from zoo.registry.catalogue import tag_entry
from zoo.registry.digests import CHUNK, matches
from zoo.registry.facts_cache import write_atomically
from zoo.registry.own_weights import card, own_path
from zoo.registry.remote import name_in_snapshot
from zoo.registry.weights import (
    BLOB,
    HASH_IN_NAME,
    HUB_FILES,
    WeightsFile,
    hub_folder,
    stated_digest,
    torch_hub_dir,
    verify,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 16 << 20
KINDS = ("torch-hub", "hugging-face", "zoo")


@dataclass(frozen=True)
class Entry:
    """One set of weights in a bundle.

    Attributes
    ----------
    name, tag, kind, file : str
        ``source/architecture``; the tag; the cache; the file's name in it.
    size : int
        Bytes.
    sha256 : str
        Of the bytes.
    stated : str
        What the hub states of them (its blob's name), or the digest in the file's name.
    revision : str
        Of the hub's repository.
    licence : str or None
    card : dict or None
        What stands beside weights that the zoo made.
    """

    name: str
    tag: str
    kind: str
    file: str
    size: int
    sha256: str
    stated: str
    revision: str = ""
    licence: str | None = None
    card: dict[str, Any] | None = None

    @property
    def member(self) -> str:
        """Name in the archive."""
        return f"files/{self.sha256}"


def export_bundle(files: Iterable[WeightsFile], target: Path) -> list[Entry]:
    """Write verified files into a bundle; the bundle is there whole or not at all.

    Raises
    ------
    WeightsError
        For a damaged file, or a bundle that cannot be written.
    """
    chosen = list(files)
    entries = [_entry(file) for file in chosen]
    manifest = json.dumps({"format": FORMAT, "files": [asdict(entry) for entry in entries]}, indent=1).encode()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(target) as out, tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
            tar.addfile(_member(MANIFEST, len(manifest)), io.BytesIO(manifest))
            written: set[str] = set()
            for file, entry in zip(chosen, entries, strict=True):
                if entry.member not in written:
                    with file.path.open("rb") as content:
                        tar.addfile(_member(entry.member, entry.size), content)
                    written.add(entry.member)
    except OSError as error:
        raise WeightsError(f"{target}: cannot write the bundle: {error.strerror or error}") from None
    return entries


def _member(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o644
    return info


def _entry(file: WeightsFile) -> Entry:
    verify(file)
    return Entry(
        name=file.name,
        tag=file.tag,
        kind=file.kind,
        file=file.path.name,
        size=file.path.stat().st_size,
        sha256=file.sha256,
        stated=stated_digest(file) or file.sha256,
        revision=file.path.parent.name if file.kind == "hugging-face" else "",
        licence=tag_entry(file.name, file.tag).get("licence"),
        card=card(file.path) if file.kind == "zoo" else None,
    )


def import_bundle(source: Path) -> list[tuple[Entry, bool]]:
    """Take the weights of a bundle into the caches that they came from; each with whether it was new.

    Nothing is extracted by the names in the archive: where a file goes follows from the model and the tag that
    the manifest names, and from what this zoo's catalogue states of them. The whole archive is looked through
    before anything is written.

    Raises
    ------
    WeightsError
        For what is no bundle, for a member that is no plain file of the manifest (links, devices, folders,
        paths), for sizes and digests that differ, and for a model or file that the catalogue does not state.
    """
    try:
        with tarfile.open(source, "r:") as tar:
            members = _members(source, tar)
            entries = _manifest(source, tar, members)
            targets = [_target(source, entry) for entry in entries]
            _check(source, members, entries)
            return [
                (entry, _take(source, tar, members[entry.member], entry, target))
                for entry, target in zip(entries, targets, strict=True)
            ]
    except tarfile.TarError as error:
        raise WeightsError(f"{source}: is no bundle of the zoo, or was cut short: {error}") from None
    except OSError as error:
        raise WeightsError(f"{source}: cannot be read: {error.strerror or error}") from None


def _members(source: Path, tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    found: dict[str, tarfile.TarInfo] = {}
    for info in tar:
        if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or info.sparse is not None:
            raise _refused(source, info.name, "is no plain file (a link, a device or a folder)")
        if info.name in found:
            raise _refused(source, info.name, "stands there twice")
        if info.name != MANIFEST and not re.fullmatch(r"files/[0-9a-f]{64}", info.name):
            raise _refused(source, info.name, "has no place in a bundle")
        found[info.name] = info
    return found


def _refused(source: Path, name: str, why: str) -> WeightsError:
    return WeightsError(f"{source}: refused, nothing was taken: {name[:120]!r} {why}")


def _manifest(source: Path, tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> list[Entry]:
    info = members.get(MANIFEST)
    if info is None or info.size > LARGEST_MANIFEST:
        raise WeightsError(f"{source}: is no bundle of the zoo ({MANIFEST} is missing or too large)")
    content = tar.extractfile(info)
    assert content is not None
    try:
        data = json.loads(content.read())
        if data["format"] != FORMAT:
            raise WeightsError(f"{source}: of format {data['format']!r}, and this zoo knows {FORMAT}; upgrade it")
        return [_checked(Entry(**fields)) for fields in data["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{source}: its {MANIFEST} is no list of weights ({error})") from None


def _checked(entry: Entry) -> Entry:
    """Types of what a manifest states, since its author is not known."""
    texts = (entry.name, entry.tag, entry.kind, entry.file, entry.sha256, entry.stated, entry.revision)
    if not all(isinstance(text, str) for text in texts) or type(entry.size) is not int or entry.size < 0:
        raise ValueError(f"a field of {entry.name!r} is of another type")
    if not re.fullmatch(r"[0-9a-f]{64}", entry.sha256) or entry.kind not in KINDS:
        raise ValueError(f"digest or kind of {entry.name!r}")
    return entry


def _target(source: Path, entry: Entry) -> Path:
    """Where a file goes, from what the catalogue states of its model and tag; never from the manifest alone."""
    if entry.kind == "zoo":
        from zoo.registry.catalogue import get

        spec = get(entry.name)
        plain = re.fullmatch(r"[A-Za-z0-9_-]+", entry.tag) is not None
        good = plain and f"{spec.source}/{spec.architecture}" == entry.name
        wanted = {"sha256", "input_size", "classes", "mean", "std"}
        if not good or not isinstance(entry.card, dict) or not wanted <= set(entry.card):
            raise _refused(source, f"{entry.name}.{entry.tag}", "is no set of weights that the zoo made")
        if entry.card["sha256"] != entry.sha256:
            raise _refused(source, f"{entry.name}.{entry.tag}", "has another digest than its card")
        return own_path(entry.name, entry.tag)
    try:
        stated = tag_entry(entry.name, entry.tag)
    except (UnknownNameError, KeyError) as error:
        raise _refused(source, f"{entry.name}.{entry.tag}", f"is not known here: {error}") from None
    if entry.kind == "torch-hub":
        match = HASH_IN_NAME.search(entry.file)
        if entry.file != stated.get("file") or not entry.sha256.startswith(match.group(1) if match else ""):
            raise _refused(source, entry.file, f"is not the file of {entry.name}.{entry.tag}")
        return torch_hub_dir() / entry.file
    named = entry.file in HUB_FILES and bool(stated.get("hub_id"))
    if not named or not re.fullmatch(r"[0-9a-f]{40}", entry.revision) or not BLOB.fullmatch(entry.stated):
        raise _refused(source, entry.file, f"is not the file of {entry.name}.{entry.tag}")
    return hub_folder(stated["hub_id"]) / "blobs" / entry.stated


def _check(source: Path, members: dict[str, tarfile.TarInfo], entries: list[Entry]) -> None:
    wanted = {entry.member: entry for entry in entries}
    for name, info in members.items():
        if name == MANIFEST:
            continue
        if name not in wanted:
            raise _refused(source, name, "is not in the manifest")
        if info.size != wanted[name].size:
            raise _refused(source, name, f"has {info.size} bytes, and the manifest states {wanted[name].size}")
    for name in wanted:
        if name not in members:
            raise _refused(source, name, "is in the manifest and not in the bundle")


def _take(source: Path, tar: tarfile.TarFile, info: tarfile.TarInfo, entry: Entry, target: Path) -> bool:
    """Copy one member to its place, verified on the way; False where the same bytes were there."""
    fresh = not (target.is_file() and matches(target, entry.sha256))
    if fresh and entry.kind == "zoo" and target.is_file():
        raise WeightsError(
            f"{source}: {entry.name}.{entry.tag} was made here with other bytes; not taken: remove it first with "
            f"`zoo weights --remove {entry.name}.{entry.tag}`"
        )
    content = tar.extractfile(info)
    assert content is not None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if fresh:
            _copy(source, content, entry, target)
        if entry.kind == "hugging-face":
            name_in_snapshot(target, entry.revision, entry.file)
    except OSError as error:
        raise WeightsError(
            f"{target}: cannot be written: {error.strerror or error}; what came before is kept"
        ) from None
    return fresh


def _copy(source: Path, content: IO[bytes], entry: Entry, target: Path) -> None:
    with written_whole(target) as file:
        checksum = hashlib.sha256()
        while chunk := content.read(CHUNK):
            checksum.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), 0o644)
        if checksum.hexdigest() != entry.sha256 or not _is_stated(Path(file.name), entry):
            raise WeightsError(f"{source}: {entry.name}.{entry.tag}: its bytes have another digest; not taken")
        if entry.kind == "zoo":
            write_atomically(target.with_suffix(".json"), json.dumps(entry.card, indent=2).encode())


def _is_stated(path: Path, entry: Entry) -> bool:
    return entry.kind != "hugging-face" or matches(path, entry.stated)

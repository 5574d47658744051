"""Bundles: weights in one file, for a machine without a network."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from zoo.errors import UnknownNameError, WeightsError
from zoo.paths import write_atomically, written_whole
from zoo.registry.catalogue import is_published, resolve, tag_facts
from zoo.registry.own_tags import card, is_card, own_path
from zoo.weights.caches import BLOB, HASH_IN_NAME, HUB_FILES, hub_folder, name_in_snapshot, torch_hub_dir
from zoo.weights.digests import CHUNK, matches
from zoo.weights.file import WeightsFile, stated_digest, verify
from zoo.weights.locate import locate
from zoo.weights.manifest import MANIFEST, Entry, read_manifest, refused, written_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable


def export_bundle(files: Iterable[WeightsFile], target: Path) -> list[Entry]:
    """Write verified files, with digests and licences, into a bundle.

    The bundle is there whole or not at all.

    Raises
    ------
    WeightsError
        For a damaged file, or a bundle that cannot be written.
    """
    chosen = list(files)
    entries = [_entry(file) for file in chosen]
    manifest = written_manifest(entries)
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
        licence=tag_facts(file.name, file.tag).licence,
        card=card(file.path) if file.kind == "zoo" else None,
    )


def import_bundle(source: Path) -> list[tuple[Entry, bool]]:
    """Take the weights of a bundle into the caches that they came from.

    Each is given back with whether it was new.

    Nothing is extracted by the names in the archive: where a file goes follows from the model and the tag that
    the manifest names, and from what this zoo's catalogue states of them. So does the licence, but for weights
    that a zoo made, where it is the card's. The whole archive is looked through before anything is written, and
    weights that are whole here are not replaced by others.

    Raises
    ------
    WeightsError
        For what is no bundle, for a member that is no plain file of the manifest (links, devices, folders,
        paths), for sizes and digests that differ, for a model or file that the catalogue does not state, and
        for other bytes of weights that are here.
    """
    try:
        with tarfile.open(source, "r:") as tar:
            entries, members = read_manifest(source, tar)
            places = [_place(source, entry) for entry in entries]
            _check_apart(source, places)
            return [(place.entry, _take(source, tar, members[place.entry.member], place)) for place in places]
    except tarfile.TarError as error:
        raise WeightsError(f"{source}: is no bundle of the zoo, or was cut short: {error}") from None
    except OSError as error:
        raise WeightsError(f"{source}: cannot be read: {error.strerror or error}") from None


@dataclass(frozen=True)
class _Place:
    """Where an entry goes.

    Attributes
    ----------
    target : Path
    fresh : bool
        Whether its bytes are still to be written there.
    revision : str
        The snapshot in which the hub's blob is to be named; empty where it is named already.
    """

    entry: Entry
    target: Path
    fresh: bool
    revision: str


def _place(source: Path, entry: Entry) -> _Place:
    """Where a file goes, from what the catalogue states of its model and tag; never from the manifest alone."""
    target, licence = _own_target(source, entry) if entry.kind == "zoo" else _published_target(source, entry)
    there = locate(entry.name, entry.tag) if entry.kind != "zoo" or card(target) is not None else None
    same = there is not None and matches(there.path, entry.sha256)
    if there is not None and not same:
        stated = stated_digest(there)
        if not stated or matches(there.path, stated):  # whole: only what is damaged is replaced unasked
            how = "was made here" if entry.kind == "zoo" else "is here"
            raise refused(
                source,
                entry.full_name,
                f"{how} with other bytes: to take those of the bundle, remove it first with "
                f"`zoo weights --remove {entry.full_name}`",
            )
    revision = entry.revision
    if there is not None and same and there.kind == "hugging-face":
        # Nothing but a missing record of the digest is added to weights that are whole and current.
        revision = "" if stated_digest(there) else there.path.parent.name
    fresh = not (same and revision == "") and not (target.is_file() and matches(target, entry.sha256))
    return _Place(replace(entry, licence=licence), target, fresh, revision)


def _own_target(source: Path, entry: Entry) -> tuple[Path, str | None]:
    plain = re.fullmatch(r"[A-Za-z0-9_-]+", entry.tag) is not None and resolve(entry.name).model == entry.name
    if not plain or not is_card(entry.card):
        raise refused(source, entry.full_name, "is no set of weights that the zoo made")
    if is_published(entry.name, entry.tag):
        raise refused(source, entry.full_name, "is a published tag, under which nothing that the zoo made can stand")
    assert entry.card is not None
    if entry.card["sha256"] != entry.sha256:
        raise refused(source, entry.full_name, "has another digest than its card")
    return own_path(entry.name, entry.tag), entry.card.get("licence")


def _published_target(source: Path, entry: Entry) -> tuple[Path, str | None]:
    try:
        stated = tag_facts(entry.name, entry.tag)
    except (UnknownNameError, KeyError) as error:
        raise refused(source, entry.full_name, f"is not known here: {error}") from None
    strange = refused(source, entry.file, f"is not the file of {entry.full_name}")
    if entry.kind == "torch-hub":
        match = HASH_IN_NAME.search(entry.file)
        if entry.file != stated.file or not entry.sha256.startswith(match.group(1) if match else ""):
            raise strange
        return torch_hub_dir() / entry.file, stated.licence
    if not stated.hub_id or entry.file not in HUB_FILES:
        raise strange
    if not re.fullmatch(r"[0-9a-f]{40}", entry.revision) or not BLOB.fullmatch(entry.stated):
        raise strange
    return hub_folder(stated.hub_id) / "blobs" / entry.stated, stated.licence


def _check_apart(source: Path, places: list[_Place]) -> None:
    """Refuse a bundle of which one set of weights would replace another."""
    taken: dict[Path, Entry] = {}
    for place in places:
        entry = place.entry
        where = place.target.parent.parent if entry.kind == "hugging-face" else place.target
        first = taken.setdefault(where, entry)
        if (first.sha256, first.revision, first.file) != (entry.sha256, entry.revision, entry.file):
            raise refused(source, entry.full_name, f"would replace {first.full_name} of the same bundle")


def _take(source: Path, tar: tarfile.TarFile, info: tarfile.TarInfo, place: _Place) -> bool:
    """Copy one member to its place, verified on the way; False where the same bytes were there."""
    target, entry = place.target, place.entry
    content = tar.extractfile(info)
    assert content is not None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if place.fresh:
            _copy(source, content, entry, target)
        if place.revision:
            name_in_snapshot(target, place.revision, entry.file)
    except OSError as error:
        raise WeightsError(
            f"{target}: cannot be written: {error.strerror or error}; what came before is kept"
        ) from None
    return place.fresh


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
            raise WeightsError(f"{source}: {entry.full_name}: its bytes have another digest; not taken")
        if entry.kind == "zoo":
            write_atomically(target.with_suffix(".json"), json.dumps(entry.card, indent=2).encode())


def _is_stated(path: Path, entry: Entry) -> bool:
    return entry.kind != "hugging-face" or matches(path, entry.stated)

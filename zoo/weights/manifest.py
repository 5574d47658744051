"""The manifest of a bundle, read without trust.

Whoever wrote it is not known.
"""

from __future__ import annotations

import json
import re
import tarfile
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from zoo.errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from zoo.canonical import JsonObject


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
    card: JsonObject | None = None

    @property
    def member(self) -> str:
        """Name in the archive."""
        return f"files/{self.sha256}"

    @property
    def full_name(self) -> str:
        """``source/architecture.tag``."""
        return f"{self.name}.{self.tag}"


def written_manifest(entries: Iterable[Entry]) -> bytes:
    """The manifest of a bundle with these entries."""
    return json.dumps({"format": FORMAT, "files": [asdict(entry) for entry in entries]}, indent=1).encode()


def read_manifest(source: Path, tar: tarfile.TarFile) -> tuple[list[Entry], dict[str, tarfile.TarInfo]]:
    """Entries of a bundle, and its members by name.

    There is one member of the stated size for each entry, and nothing else.

    Raises
    ------
    WeightsError
        For what is no bundle, and for a member that is no plain file of the manifest (links, devices, folders,
        paths).
    """
    members = _members(source, tar)
    entries = _entries(source, tar, members)
    _check(source, members, entries)
    return entries, members


def refused(source: Path, name: str, why: str) -> WeightsError:
    """The error for a bundle that is refused, for what is wrong with ``name``."""
    return WeightsError(f"{source}: refused, nothing was taken: {name[:120]!r} {why}")


def _members(source: Path, tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    found: dict[str, tarfile.TarInfo] = {}
    for info in tar:
        if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or info.sparse is not None:
            raise refused(source, info.name, "is no plain file (a link, a device or a folder)")
        if info.name in found:
            raise refused(source, info.name, "stands there twice")
        if info.name != MANIFEST and not re.fullmatch(r"files/[0-9a-f]{64}", info.name):
            raise refused(source, info.name, "has no place in a bundle")
        found[info.name] = info
    return found


def _entries(source: Path, tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> list[Entry]:
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
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        why = re.sub(r"[^ -~]", "?", str(error))[:200]
        raise WeightsError(f"{source}: its {MANIFEST} is no list of weights ({why})") from None


def _checked(entry: Entry) -> Entry:
    """Types of what a manifest states."""
    texts = (entry.name, entry.tag, entry.kind, entry.file, entry.sha256, entry.stated, entry.revision)
    if not all(isinstance(text, str) for text in texts) or type(entry.size) is not int or entry.size < 0:
        raise ValueError(f"a field of {entry.name!r} is of another type")
    if not isinstance(entry.licence, str | None) or not isinstance(entry.card, dict | None):
        raise ValueError(f"licence or card of {entry.name!r}")
    if not re.fullmatch(r"[0-9a-f]{64}", entry.sha256) or entry.kind not in KINDS:
        raise ValueError(f"digest or kind of {entry.name!r}")
    json.dumps(entry.card, indent=2)  # as it is written; what is nested too deeply for that is found here
    return entry


def _check(source: Path, members: dict[str, tarfile.TarInfo], entries: list[Entry]) -> None:
    wanted = {entry.member: entry for entry in entries}
    for name, info in members.items():
        if name == MANIFEST:
            continue
        if name not in wanted:
            raise refused(source, name, "is not in the manifest")
        if info.size != wanted[name].size:
            raise refused(source, name, f"has {info.size} bytes, and the manifest states {wanted[name].size}")
    for name in wanted:
        if name not in members:
            raise refused(source, name, "is in the manifest and not in the bundle")

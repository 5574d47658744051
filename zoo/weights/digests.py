"""Digests of files, remembered while a file does not change."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from pathlib import Path

from zoo.paths import cache_dir, write_atomically

CHUNK = 1 << 20
SHA1_DIGITS = 40
STATED = re.compile(r"[0-9a-f]{8,64}")


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes now, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stated_kind(stated: str) -> str:
    """The kind of a stated digest: ``"SHA-256"`` or ``"git SHA-1"``.

    The hub has the latter for small files.
    """
    return "git SHA-1" if len(stated) == SHA1_DIGITS else "SHA-256"


def actual(path: Path, stated: str) -> str:
    """Digest of a file's bytes now, of the kind of ``stated``, in hex."""
    return _git_blob(path) if stated_kind(stated) == "git SHA-1" else sha256(path)


def matches(path: Path, stated: str) -> bool:
    """Whether a file's bytes, now, have a stated digest.

    Parameters
    ----------
    stated : str
        The digest or its first digits, in hex: 40 digits are git's SHA-1 of a blob, everything else the beginning
        of a SHA-256.
    """
    return bool(STATED.fullmatch(stated)) and actual(path, stated).startswith(stated)


def _git_blob(path: Path) -> str:
    checksum = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            checksum.update(chunk)
    return checksum.hexdigest()


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex.

    Remembered by path, size and time of change.
    """
    found = remembered(path)
    if found is None:
        found = sha256(path)
        remember(path, found)
    return found


def remember(path: Path, found: str) -> None:
    """Keep the SHA-256 of a file until the file changes.

    Where the cache cannot be written nothing is kept: the file is read again the next time.
    """
    known = _known()
    if known.get(_key(path)) != found:
        with suppress(OSError):
            cache_dir().mkdir(parents=True, exist_ok=True)
            write_atomically(_known_path(), json.dumps(known | {_key(path): found}).encode())


def remembered(path: Path) -> str | None:
    """What :func:`digest` found of a file that has not changed since, or None."""
    return _known().get(_key(path))


def path_of(found: str) -> Path | None:
    """A remembered file with a SHA-256 that has not changed since."""
    for key, digest_of in _known().items():
        path = Path(key.rsplit(":", 2)[0])
        if digest_of == found and path.is_file() and _key(path) == key:
            return path
    return None


def _key(path: Path) -> str:
    stat = path.stat()
    return f"{path.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"


def _known_path() -> Path:
    return cache_dir() / "digests.json"


def _known() -> dict[str, str]:
    try:
        data = json.loads(_known_path().read_text())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}

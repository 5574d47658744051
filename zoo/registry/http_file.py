"""One file over HTTP: resumed where it was cut, verified whole, and never half there under its name."""

from __future__ import annotations

import http.client
import os
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from zoo.errors import WeightsError
from zoo.registry.digests import CHUNK, actual, matches, stated_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

CONNECT_S, SILENCE_S = 3.0, 20.0
"""Longest wait for a server to answer at first, and for the next bytes of an answer."""

ATTEMPTS = 8
"""Answers in a row that may bring nothing new before a download is given up."""

LONGEST_PAUSE_S = 30.0

PASSING = (408, 425, 429, 500, 502, 503, 504)
"""Answers after which the same question may be answered another way."""

PART = ".part"
"""What the name of a file that has not come whole ends with."""


def bring(
    url: str,
    target: Path,
    digest: str,
    on_bytes: Callable[[int], None] | None = None,
    pause: Callable[[float], None] = time.sleep,
    *,
    again: bool = False,
    lock: Path | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Download ``url`` to ``target``; safe in several processes at once, and to repeat after a kill.

    What has come is kept beside the target as ``.part`` and goes on from there. The file gets its name when
    all of it has come, has the digest, and is on the disk.

    Parameters
    ----------
    digest : str
        The file's digest or its first digits, as :func:`zoo.registry.digests.matches` takes it.
    on_bytes : callable, optional
        Told the bytes of the file that are here, as they come; what it raises ends the download, and what has
        come is kept.
    pause : callable
        Waits so many seconds between attempts.
    again : bool
        Download also where the target is whole.
    lock : Path, optional
        File that whoever writes the target holds; ``.lock`` beside the target otherwise.
    headers : mapping, optional
        Sent to the host of ``url`` alone, not to where it redirects.

    Raises
    ------
    WeightsError
        Where the server has no such file, refuses, or sends other bytes; with what to do.
    """
    from filelock import FileLock

    if urlsplit(url).scheme not in ("http", "https"):
        raise WeightsError(f"{url}: weights come over http or https; check the mirror's address")
    lock = lock or target.with_name(target.name + ".lock")
    for folder in (target.parent, lock.parent):
        folder.mkdir(parents=True, exist_ok=True)
    source = _Source(url, dict(headers or {}))
    with FileLock(lock):
        if not again and target.is_file() and matches(target, digest):
            return  # another process was first
        part = target.with_name(target.name + PART)
        for fresh in (False, True):
            if fresh:
                part.unlink(missing_ok=True)
            _complete(source, part, on_bytes or (lambda _n: None), pause)
            if matches(part, digest):
                _flush(part)
                part.replace(target)
                return
        found = actual(part, digest)
        part.unlink()
        raise WeightsError(
            f"{url}: what came is not the file: its {stated_kind(digest)} begins {found[:8]}, expected {digest[:8]}; "
            "nothing was kept; try another mirror"
        )


@dataclass(frozen=True)
class _Source:
    """Where a file comes from."""

    url: str
    headers: dict[str, str]

    def request(self, **headers: str) -> urllib.request.Request:
        request = urllib.request.Request(self.url, headers=headers)  # noqa: S310 - `bring` refuses other schemes
        for name, value in self.headers.items():
            # A hub redirects to storage that is not its own: no token may go there.
            request.add_unredirected_header(name, value)
        return request


def _complete(source: _Source, part: Path, on_bytes: Callable[[int], None], pause: Callable[[float], None]) -> None:
    """Fetch until the server's length is reached; each answer that brings something resets the count."""
    barren = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            if _append(source, part, before, on_bytes):
                return
            reason, wait = "the connection was cut", 0.0
        except urllib.error.HTTPError as error:
            error.close()
            if error.code not in PASSING:
                raise WeightsError(f"{source.url}: the server answers {error.code} {error.reason}") from None
            reason, wait = f"the server answers {error.code} {error.reason}", _retry_after(error)
        except (OSError, http.client.HTTPException) as error:
            reason, wait = str(getattr(error, "reason", error)) or type(error).__name__, 0.0
        grown = part.exists() and part.stat().st_size > before
        barren = 0 if grown else barren + 1
        if barren >= ATTEMPTS:
            raise WeightsError(
                f"{source.url}: {reason}, {ATTEMPTS} times in a row; {before} bytes are kept, and the same command "
                "goes on from them"
            )
        if not grown:
            pause(min(LONGEST_PAUSE_S, max(wait, 0.25 * 2**barren)))


def _append(source: _Source, part: Path, have: int, on_bytes: Callable[[int], None]) -> bool:
    """One answer's bytes behind those that are here; whether the file is then whole."""
    request = source.request(**({"Range": f"bytes={have}-"} if have else {}))
    try:
        answer = urllib.request.urlopen(request, timeout=SILENCE_S)  # noqa: S310 - `bring` refuses other schemes
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing lies behind what is here: it is whole, or another file
            error.close()
            return True
        raise
    with answer:
        if have and answer.status != 206:
            have = 0  # the server starts again
        length = answer.headers.get("Content-Length")
        whole = None if length is None else have + int(length)
        with part.open("r+b" if have else "wb") as file:
            file.seek(have)
            while True:
                chunk = answer.read1(CHUNK)
                if not chunk:
                    break
                file.write(chunk)
                have += len(chunk)
                on_bytes(have)
    return whole is None or have >= whole


def size_of(url: str) -> int | None:
    """Bytes of a file as its server states them; None where it does not.

    Raises
    ------
    WeightsError
        Where the server cannot be reached or has no such file.
    """
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=CONNECT_S) as answer:  # noqa: S310
            length = answer.headers.get("Content-Length")
            return None if length is None else int(length)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (405, 501, *PASSING):
            return None
        raise WeightsError(f"{url}: the server answers {error.code} {error.reason}") from None
    except OSError as error:
        raise WeightsError(f"{urlsplit(url).hostname} cannot be reached: {getattr(error, 'reason', error)}") from None


def _retry_after(error: urllib.error.HTTPError) -> float:
    stated: Any = error.headers.get("Retry-After") if error.headers else None
    return float(stated) if stated and str(stated).isdigit() else 0.0


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())

"""One file over HTTP: resumed where it was cut, verified whole, and never half there under its name."""

from __future__ import annotations

import http.client
import os
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from zoo.errors import WeightsError
from zoo.registry.weights import sha256

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONNECT_S, SILENCE_S = 3.0, 20.0
"""Longest wait for a server to answer at first, and for the next bytes of an answer."""

ATTEMPTS = 8
"""Answers in a row that may bring nothing new before a download is given up."""

LONGEST_PAUSE_S = 30.0
CHUNK = 1 << 20


def bring(
    url: str,
    target: Path,
    sha256_prefix: str,
    on_bytes: Callable[[int], None] | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Download ``url`` to ``target``; safe in several processes at once, and to repeat after a kill.

    What has come is kept beside the target as ``.part`` and goes on from there. The file gets its name when
    all of it has come, has the digest, and is on the disk.

    Parameters
    ----------
    sha256_prefix : str
        First digits of the digest, in hex.
    on_bytes : callable, optional
        Told the bytes of the file that are here, as they come.
    pause : callable
        Waits so many seconds between attempts.

    Raises
    ------
    WeightsError
        Where the server has no such file, refuses, or sends other bytes; with what to do.
    """
    from filelock import FileLock

    if urlsplit(url).scheme not in ("http", "https"):
        raise WeightsError(f"{url}: weights come over http or https; check the mirror's address")
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_name(target.name + ".lock")):
        if target.is_file() and sha256(target).startswith(sha256_prefix):
            return  # another process was first
        part = target.with_name(target.name + ".part")
        for fresh in (False, True):
            if fresh:
                part.unlink(missing_ok=True)
            _complete(url, part, on_bytes or (lambda _n: None), pause)
            actual = sha256(part)
            if actual.startswith(sha256_prefix):
                _flush(part)
                part.replace(target)
                return
        part.unlink()
        raise WeightsError(
            f"{url}: what came is not the file: its SHA-256 begins {actual[:8]}, expected {sha256_prefix[:8]}; "
            "nothing was kept; try another mirror"
        )


def _complete(url: str, part: Path, on_bytes: Callable[[int], None], pause: Callable[[float], None]) -> None:
    """Fetch until the server's length is reached; each answer that brings something resets the count."""
    barren = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            if _append(url, part, before, on_bytes):
                return
            reason, wait = "the connection was cut", 0.0
        except urllib.error.HTTPError as error:
            error.close()
            if error.code not in (408, 425, 429, 500, 502, 503, 504):
                raise WeightsError(f"{url}: the server answers {error.code} {error.reason}") from None
            reason, wait = f"the server answers {error.code} {error.reason}", _retry_after(error)
        except (OSError, http.client.HTTPException) as error:
            reason, wait = str(getattr(error, "reason", error)) or type(error).__name__, 0.0
        grown = part.exists() and part.stat().st_size > before
        barren = 0 if grown else barren + 1
        if barren >= ATTEMPTS:
            raise WeightsError(
                f"{url}: {reason}, {ATTEMPTS} times in a row; {before} bytes are kept, and the same command goes on "
                "from them"
            )
        if not grown:
            pause(min(LONGEST_PAUSE_S, max(wait, 0.25 * 2**barren)))


def _append(url: str, part: Path, have: int, on_bytes: Callable[[int], None]) -> bool:
    """One answer's bytes behind those that are here; whether the file is then whole."""
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310
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
        if error.code in (405, 501):
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

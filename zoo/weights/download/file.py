"""The download of one file over HTTP, resumed where it was cut."""

from __future__ import annotations

import errno
import os
import time
import urllib.error
import urllib.request
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import InvalidURL
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zoo.errors import WeightsError, ZooWarning
from zoo.weights.caches import LOCK, PART
from zoo.weights.digests import CHUNK, actual, matches, stated_kind
from zoo.weights.download.head import BROKEN, PASSING, brief, status_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from http.client import HTTPResponse
    from pathlib import Path


SILENCE_S = 20.0
"""Longest wait for the next bytes of an answer."""

LOCK_POLL_S = 0.5
"""How often a download that waits for another process looks whether it may go on, or has to end."""

ATTEMPTS = 8
"""Answers in a row that may bring nothing new before a download is given up."""

LONGEST_PAUSE_S = 30.0


def download(
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
    """Download ``url`` to ``target``, and verify it.

    Several processes may do so at once, and it may be repeated after a kill. What has come is kept beside the
    target as ``.part`` and goes on from there. The file gets its name when all of it has come, has the digest, and
    is on the disk.

    Parameters
    ----------
    digest : str
        The file's digest or its first digits, as :func:`zoo.weights.digests.matches` takes it.
    on_bytes : callable, optional
        Called with the bytes of the file that are here, as they come; what it raises ends the download, and what has
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
    if urlsplit(url).scheme not in ("http", "https"):
        raise WeightsError(f"{url}: weights come over http or https; check the mirror's address")
    report = on_bytes or (lambda _count: None)
    lock = lock or target.with_name(target.name + LOCK)
    part = target.with_name(target.name + PART)
    with _disk_errors(part):
        for folder in (target.parent, lock.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with _held(lock, lambda: report(_size(part))):
            if not again and target.is_file() and matches(target, digest):
                return  # another process was first
            for fresh in (False, True):
                if fresh:
                    part.unlink(missing_ok=True)
                _complete(_Source(url, dict(headers or {})), part, report, pause)
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


@contextmanager
def _disk_errors(part: Path) -> Iterator[None]:
    """What the disk refuses is said at once: only the network is worth asking again."""
    try:
        yield
    except OSError as error:
        path = error.filename or part
        if error.errno == errno.ENOSPC:
            raise WeightsError(
                f"{path}: no space left; make room, and the same command goes on from the {_size(part)} bytes kept"
            ) from None
        raise WeightsError(
            f"{path}: {error.strerror or error}; make it yours to write, or move the caches (TORCH_HOME, HF_HOME)"
        ) from None


@contextmanager
def _held(lock: Path, while_waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a file; where another process has it, say so once and wait until it ends."""
    from filelock import FileLock, Timeout

    held, warned = FileLock(lock), False
    while True:
        try:
            held.acquire(timeout=LOCK_POLL_S)
            break
        except Timeout:
            while_waiting()
            if not warned:
                warnings.warn(
                    f"{lock}: another process holds it, which is bringing the same file; waiting for its end",
                    ZooWarning,
                    stacklevel=4,
                )
            warned = True
    try:
        yield
    finally:
        held.release()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


@dataclass(frozen=True)
class _Source:
    """Where a file comes from."""

    url: str
    headers: dict[str, str]

    def request(self, **headers: str) -> urllib.request.Request:
        request = urllib.request.Request(self.url, headers=headers)  # noqa: S310 - `download` refuses other schemes
        for name, value in self.headers.items():
            # A hub redirects to storage that is not its own: no token may go there.
            request.add_unredirected_header(name, value)
        return request


class _SeveredError(Exception):
    """What the network did to an answer; it may be asked for again."""


def _complete(source: _Source, part: Path, on_bytes: Callable[[int], None], pause: Callable[[float], None]) -> None:
    """Fetch until the server's length is reached; each answer that brings something resets the count."""
    fruitless = 0
    while True:
        before = _size(part)
        try:
            if _append(source, part, before, on_bytes):
                return
            reason, wait = "the connection was cut", 0.0
        except urllib.error.HTTPError as error:
            error.close()
            reason, wait = f"the server answers {status_line(error)}", _retry_after(error)
            if error.code not in PASSING:
                raise WeightsError(f"{source.url}: {reason}") from None
        except _SeveredError as error:
            reason, wait = str(error), 0.0
        grown = _size(part) > before
        fruitless = 0 if grown else fruitless + 1
        if fruitless >= ATTEMPTS:
            raise WeightsError(
                f"{source.url}: {reason}, {ATTEMPTS} times in a row; {before} bytes are kept, and the same command "
                "goes on from them"
            )
        if not grown:
            pause(min(LONGEST_PAUSE_S, max(wait, 0.25 * 2**fruitless)))


def _append(source: _Source, part: Path, have: int, on_bytes: Callable[[int], None]) -> bool:
    """One answer's bytes behind those that are here; whether the file is then whole."""
    answer = _opened(source, have)
    if answer is None:
        return True
    with answer:
        if have and answer.status != 206:
            have = 0  # the server starts again
        length = answer.headers.get("Content-Length")
        whole = have + int(length) if length and length.isdigit() else None
        with part.open("r+b" if have else "wb") as file:
            file.seek(have)
            for chunk in _chunks(answer):
                file.write(chunk)
                have += len(chunk)
                on_bytes(have)
    return whole is None or have >= whole


def _opened(source: _Source, have: int) -> HTTPResponse | None:
    """The answer to a request for what lies behind ``have`` bytes; None where nothing does."""
    request = source.request(**({"Range": f"bytes={have}-"} if have else {}))
    try:
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=SILENCE_S)  # noqa: S310 - `download` refuses other schemes
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # it is whole, or another file
            error.close()
            return None
        raise
    except (ValueError, InvalidURL) as error:  # asking again would end the same way
        raise WeightsError(f"{source.url}: {brief(error)}") from None
    except BROKEN as error:
        raise _SeveredError(brief(error)) from None
    return answer


def _chunks(answer: HTTPResponse) -> Iterator[bytes]:
    while True:
        try:
            chunk = answer.read1(CHUNK)
        except BROKEN as error:
            raise _SeveredError(brief(error)) from None
        if not chunk:
            return
        yield chunk


def _retry_after(error: urllib.error.HTTPError) -> float:
    stated = str(error.headers.get("Retry-After") if error.headers else "")
    return float(stated) if stated.isdigit() else 0.0


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())

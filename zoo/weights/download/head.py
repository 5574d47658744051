"""What a server states of a file, by one HEAD request."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from zoo.errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message


ANSWER_S = 3.0
"""Longest wait for the next bytes of an answer; a server that sends none at all counts as out of reach."""

PASSING = (408, 425, 429, 500, 502, 503, 504)
"""Answers after which the same question may be answered another way."""

BROKEN = (OSError, http.client.HTTPException, ValueError)
"""What urllib raises where a connection fails, or an answer is no HTTP or redirects to no address."""

MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)


class OutOfReachError(WeightsError):
    """A host that cannot be reached, never answers, or does not speak HTTP."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer."""

    status: int
    headers: Message

    @property
    def length(self) -> int | None:
        """Bytes of the body, where they are stated."""
        stated = str(self.headers.get("Content-Length", ""))
        return int(stated) if stated.isdigit() else None


class _Stay(urllib.request.HTTPRedirectHandler):
    def http_error_302(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any) -> None:
        """Follow nothing: where to go is decided by who asks."""

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


class _Follow(urllib.request.HTTPRedirectHandler):
    def http_error_302(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any) -> Any:
        """Follow, and leave no connection open where there is no address to go to."""
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError:
            fp.close()
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def head(url: str, headers: Mapping[str, str] | None = None) -> Head:
    """Ask for a file's headers, within seconds.

    Redirects on the same host are followed, others are an answer.

    Raises
    ------
    OutOfReachError
        Naming the host.
    """
    opener = urllib.request.build_opener(_Stay)
    for _ in range(MOST_REDIRECTS):
        try:
            request = urllib.request.Request(url, method="HEAD", headers=dict(headers or {}))  # noqa: S310
            with opener.open(request, timeout=ANSWER_S) as answer:
                return Head(answer.status, answer.headers)
        except urllib.error.HTTPError as error:
            error.close()
            place = _next(url, error)
            if place is None:
                return Head(error.code, error.headers)
            url = place
        except BROKEN as error:
            raise OutOfReachError(f"{urlsplit(url).hostname} cannot be reached: {brief(error)}") from None
    raise WeightsError(f"{urlsplit(url).hostname} redirects in a circle; check the mirror's address")


def _next(url: str, answer: urllib.error.HTTPError) -> str | None:
    """Where an answer redirects to on the same host, or None."""
    try:
        place = urljoin(url, answer.headers.get("Location") or "")
        same = urlsplit(place)[:2] == urlsplit(url)[:2]
    except ValueError:
        return None
    return place if same and answer.code in REDIRECTS else None


def size_of(url: str) -> int | None:
    """Bytes of a file as its server states them, None where it does not.

    Raises
    ------
    WeightsError
        Where the server cannot be reached or has no such file.
    """
    try:
        opener = urllib.request.build_opener(_Follow)
        with opener.open(urllib.request.Request(url, method="HEAD"), timeout=ANSWER_S) as answer:  # noqa: S310
            return Head(answer.status, answer.headers).length
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (405, 501, *PASSING):
            return None
        raise WeightsError(f"{url}: the server answers {status_line(error)}") from None
    except BROKEN as error:
        raise OutOfReachError(f"{urlsplit(url).hostname} cannot be reached: {brief(error)}") from None


def status_line(error: urllib.error.HTTPError) -> str:
    """Code and reason of an answer in one line.

    Of a circle of redirects Python's reason has three.
    """
    return f"{error.code} {(str(error.reason).splitlines() or [''])[0]}".strip()


def brief(error: BaseException) -> str:
    """What went wrong with a connection, in one line."""
    if isinstance(error, http.client.IncompleteRead):
        return "the connection was cut"
    if not isinstance(error, OSError):
        lines = str(error).splitlines() or [type(error).__name__]
        return f"what it sends is no HTTP ({''.join(filter(str.isprintable, lines[0]))[:80]})"
    return (str(getattr(error, "reason", error)).splitlines() or [type(error).__name__])[0]

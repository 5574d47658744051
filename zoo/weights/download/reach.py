"""Whether a host can be reached at all."""

from __future__ import annotations

import re
import socket
import threading
import time
import urllib.request
from urllib.parse import urlsplit

from zoo.errors import WeightsError

REACH_S = 2.0
"""Longest wait for a server to accept a connection, its name looked up; then it counts as out of reach."""


REMEMBERED_S = 10.0
"""How long a host that was out of reach counts as such."""


def check_reach(url: str) -> None:
    """Open a connection to the host of ``url`` within seconds.

    Or to the proxy on the way.

    Raises
    ------
    WeightsError
        Naming the host.
    """
    host, port = host_and_port(url)
    parts = urlsplit(url)
    asked = {(host, port)}
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(host):
        via = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port = via.hostname or host, via.port or (443 if via.scheme == "https" else 80)
    for place in asked | {(host, port)}:
        when, text = unreached.get(place, (0.0, ""))
        if text and time.monotonic() - when < REMEMBERED_S:
            raise WeightsError(text)
    reason: list[str] = []

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=REACH_S).close()
        except OSError as error:
            reason.append(error.strerror or str(error) or type(error).__name__)

    # Looking a name up has no time limit of its own, so it is not waited for beyond ours.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(REACH_S)
    if thread.is_alive():
        reason.append(f"no answer within {REACH_S:g} s")
    if reason:
        text = f"{host} cannot be reached: {reason[0]}"
        unreached[host, port] = time.monotonic(), text
        raise WeightsError(text)


def host_and_port(url: str) -> tuple[str, int]:
    """Whom an address asks.

    Raises
    ------
    WeightsError
        For what is no address, and for one with a name and password, which would be printed and stored.
    """
    shown = re.sub(r"^([a-z]+://)?.*@", r"\1…@", url, flags=re.IGNORECASE)
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        parts, port = None, 0
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise WeightsError(f"{shown!r} is no address; a mirror is http://… or https://…")
    if "@" in parts.netloc:
        raise WeightsError(
            f"{shown!r}: a mirror's address may hold no name and password; leave them out (a hub takes HF_TOKEN)"
        )
    return parts.hostname, port


unreached: dict[tuple[str, int], tuple[float, str]] = {}
"""When each host was last found out of reach, and how: many names ask for the same one."""

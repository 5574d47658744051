"""A mirror that misbehaves as asked: cut connections, wrong bytes, refusals, redirects, a slow drip."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Mirror:
    """Files by path, and what happens to each request.

    Attributes
    ----------
    files : dict of str to bytes
    cuts : list of int
        Bytes of a body after which the connection of the next answers is closed, one an answer.
    refusals : list of (int, dict)
        Status and headers of the next answers, before any file is served.
    redirects : dict of str to str
        From path to path.
    ranges : bool
        Whether the server honours ``Range``.
    drip_s : float
        Pause before each 64 KiB.
    headers : dict of str to dict
        Sent with the answers of a path.
    tokens : list of (str, str)
        Path and ``Authorization`` of each request.
    sent : list of (str, int)
        Path and bytes of each body that went out.
    asked : list of (str, str, str)
        Method, path and ``Range`` of each request.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    drip_s: float = 0.0
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: list[tuple[str, str]] = field(default_factory=list)
    sent: list[tuple[str, int]] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def bytes_sent(self) -> int:
        return sum(count for _, count in self.sent)


@contextmanager
def mirror(**behaviour: Any) -> Iterator[Mirror]:
    """A running server; its address is ``url``."""
    state = Mirror(**behaviour)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, body: bool) -> None:
            with lock:
                state.asked.append((self.command, self.path, self.headers.get("Range", "")))
                state.tokens.append((self.path, self.headers.get("Authorization", "")))
                refusal = state.refusals.pop(0) if state.refusals else None
            if refusal is not None:
                self._refuse(*refusal)
                return
            if self.path in state.redirects:
                self.send_response(302)
                self._send_own_headers()
                place = state.redirects[self.path]
                self.send_header("Location", place if "://" in place else state.url + place)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            content = state.files.get(self.path)
            if content is None:
                self._refuse(404, {})
                return
            start = 0
            wanted = self.headers.get("Range", "")
            if state.ranges and wanted.startswith("bytes="):
                start = int(wanted.removeprefix("bytes=").split("-")[0])
                if start >= len(content):
                    self._refuse(416, {"Content-Range": f"bytes */{len(content)}"})
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(content) - start))
            self._send_own_headers()
            self.end_headers()
            if body:
                self._send(content[start:])

        def _send_own_headers(self) -> None:
            for name, value in ({"ETag": '"x"'} | state.headers.get(self.path, {})).items():
                self.send_header(name, value)

        def _send(self, content: bytes) -> None:
            with lock:
                cut = state.cuts.pop(0) if state.cuts else None
            going = content if cut is None else content[:cut]
            count = 0
            try:
                for place in range(0, len(going), 1 << 16):
                    if state.drip_s:
                        time.sleep(state.drip_s)
                    piece = going[place : place + (1 << 16)]
                    self.wfile.write(piece)
                    count += len(piece)
                self.wfile.flush()
            except OSError:
                pass
            with lock:
                state.sent.append((self.path, count))
            if cut is not None:
                self.close_connection = True

        def _refuse(self, code: int, headers: dict[str, str]) -> None:
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)

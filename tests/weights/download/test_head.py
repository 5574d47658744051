"""What a server is asked for first ends in one line, within seconds, whatever listens there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.weights.mirror import mirror
from zoo.errors import WeightsError
from zoo.weights.download import head as http_head
from zoo.weights.download.head import OutOfReachError, head, size_of


@contextmanager
def listener(*pieces: bytes) -> Iterator[str]:
    """A server that sends the same pieces to whoever connects, a little later each, and then nothing more."""
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            held.append(connection)
            for piece in pieces:
                done.wait(0.02)
                connection.sendall(piece)

    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        thread = threading.Thread(target=_while(done, serve), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/w.pth"
        done.set()
        thread.join()  # a connection that it is taking is among those that are closed
    for connection in held:
        connection.close()


def _while(done: threading.Event, serve: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        while not done.is_set():
            serve()

    return run


@pytest.mark.parametrize("ask", [head, size_of])
@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ((), "127.0.0.1 cannot be reached: timed out"),
        ((b"SSH-2.0-OpenSSH_9.2p1\r\n",), "what it sends is no HTTP"),
        ((b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[::1\r\n\r\n",), "is no HTTP"),
    ],
    ids=["silent", "ssh", "no address"],
)
def test_what_is_no_server_of_files_is_one_line(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[str], object], pieces: tuple[bytes, ...], said: str
) -> None:
    monkeypatch.setattr(http_head, "ANSWER_S", 0.3)
    with listener(*pieces) as url:
        if said == "is no HTTP" and ask is head:  # where it leads to is no matter of the answer
            assert head(url).status == 302
            return
        with pytest.raises(OutOfReachError, match=said) as caught:
            ask(url)
    assert "\n" not in str(caught.value)


def test_a_slow_drip_of_headers_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_head, "ANSWER_S", 0.3)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-Much: " + b"a" * 20 + b"\r\n\r\n"
    with listener(*(answer[place : place + 2] for place in range(0, len(answer), 2))) as url:
        assert size_of(url) == 12
        assert head(url).length == 12


def test_a_circle_of_redirects_is_one_line() -> None:
    with mirror(redirects={"/w.pth": "/w.pth"}) as server:
        for ask in (head, size_of):
            with pytest.raises(WeightsError) as caught:
                ask(f"{server.url}/w.pth")
            assert "\n" not in str(caught.value)


def test_redirects_are_followed_on_the_same_host_alone() -> None:
    with mirror(files={"/b": b"1234"}, redirects={"/a": "/b"}) as server:
        assert head(f"{server.url}/a").length == 4
        server.redirects["/away"] = f"{server.url.replace('127.0.0.1', 'localhost')}/b"
        assert head(f"{server.url}/away").status == 302
        assert [path for _, path, _ in server.asked] == ["/a", "/b", "/away"]

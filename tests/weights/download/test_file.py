"""A download ends whole and verified whatever happens on its way, and fetches little twice."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest
from filelock import FileLock

from tests.weights.mirror import mirror
from zoo.errors import WeightsError, ZooWarning
from zoo.weights.download.file import download
from zoo.weights.download.head import size_of

CONTENT = random.Random(1).randbytes(3_000_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PATH = "/w.pth"


def no_pause(_seconds: float) -> None:
    pass


def test_it_comes_whole_and_a_second_time_not_at_all(tmp_path: Path) -> None:
    seen: list[int] = []
    with mirror(files={PATH: CONTENT}) as server:
        for _ in range(2):
            download(server.url + PATH, tmp_path / "a" / "w.pth", DIGEST[:8], seen.append)
        assert len(server.asked) == 1
        assert size_of(server.url + PATH) == len(CONTENT)
    assert (tmp_path / "a" / "w.pth").read_bytes() == CONTENT
    assert seen == sorted(seen)
    assert seen[-1] == len(CONTENT)
    assert not (tmp_path / "a" / "w.pth.part").exists()


def test_cut_at_twenty_random_places_it_goes_on_from_each(tmp_path: Path) -> None:
    places = random.Random(2)
    cuts = [places.randrange(1, 250_000) for _ in range(20)]
    with mirror(files={PATH: CONTENT}, cuts=list(cuts)) as server:
        download(server.url + PATH, tmp_path / "w.pth", DIGEST, pause=no_pause)
        assert (tmp_path / "w.pth").read_bytes() == CONTENT
        assert len(server.asked) >= 13
        assert server.bytes_sent <= 1.1 * len(CONTENT)
        assert all(wanted.startswith("bytes=") for _, _, wanted in server.asked[1:])


def test_a_server_without_ranges_starts_again(tmp_path: Path) -> None:
    with mirror(files={PATH: CONTENT}, cuts=[1000, 2_000_000], ranges=False) as server:
        download(server.url + PATH, tmp_path / "w.pth", DIGEST, pause=no_pause)
    assert (tmp_path / "w.pth").read_bytes() == CONTENT


def test_refusals_that_pass_are_waited_out_as_long_as_the_server_says(tmp_path: Path) -> None:
    waited: list[float] = []
    with mirror(files={PATH: CONTENT}, refusals=[(429, {"Retry-After": "7"}), (503, {}), (500, {})]) as server:
        download(server.url + PATH, tmp_path / "w.pth", DIGEST, pause=waited.append)
    assert (tmp_path / "w.pth").read_bytes() == CONTENT
    assert waited[0] == 7
    assert len(waited) == 3


def test_redirects_are_followed_and_a_drip_arrives(tmp_path: Path) -> None:
    with mirror(files={"/elsewhere": CONTENT}, redirects={PATH: "/elsewhere"}, drip_s=0.005) as server:
        download(server.url + PATH, tmp_path / "w.pth", DIGEST)
    assert (tmp_path / "w.pth").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ({"files": {}}, "the server answers 404"),
        ({"files": {PATH: CONTENT[:-1] + b"x"}}, "what came is not the file"),
        ({"files": {PATH: b"<html>sign in</html>"}}, "what came is not the file"),
        ({"files": {PATH: CONTENT}, "refusals": [(503, {})] * 50}, "8 times in a row"),
        ({"files": {PATH: CONTENT}, "cuts": [0] * 50}, "8 times in a row; 0 bytes are kept"),
    ],
    ids=["missing", "one byte", "a page", "never", "always cut"],
)
def test_what_cannot_be_had_is_one_line_and_no_file(tmp_path: Path, behaviour: dict[str, object], said: str) -> None:
    with mirror(**behaviour) as server, pytest.raises(WeightsError, match=said) as caught:
        download(server.url + PATH, tmp_path / "w.pth", DIGEST, pause=no_pause)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "w.pth").exists()


def test_no_other_scheme_is_opened(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(CONTENT)
    with pytest.raises(WeightsError, match="over http or https"):
        download((tmp_path / "secret").as_uri(), tmp_path / "w.pth", DIGEST)


def test_a_part_of_another_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "w.pth.part").write_bytes(b"something else" * 1000)
    with mirror(files={PATH: CONTENT}) as server:
        download(server.url + PATH, tmp_path / "w.pth", DIGEST)
    assert (tmp_path / "w.pth").read_bytes() == CONTENT


def test_a_part_that_was_whole_only_gets_its_name(tmp_path: Path) -> None:
    (tmp_path / "w.pth.part").write_bytes(CONTENT)
    with mirror(files={PATH: CONTENT}) as server:
        download(server.url + PATH, tmp_path / "w.pth", DIGEST)
        assert server.bytes_sent == 0
    assert (tmp_path / "w.pth").read_bytes() == CONTENT


def test_a_full_disk_is_no_fault_of_the_network(tmp_path: Path) -> None:
    (tmp_path / "w.pth.part").symlink_to("/dev/full")
    waited: list[float] = []
    with mirror(files={PATH: CONTENT}) as server:
        with pytest.raises(WeightsError, match="no space left; make room"):
            download(server.url + PATH, tmp_path / "w.pth", DIGEST, pause=waited.append)
        assert len(server.asked) == 1
    assert waited == []


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with mirror(files={PATH: CONTENT}) as server, pytest.raises(WeightsError, match=r"move the caches \(TORCH_HOME"):
        download(server.url + PATH, tmp_path / "file" / "w.pth", DIGEST)


def test_a_download_that_waits_for_another_says_so_and_can_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.weights.download.file.LOCK_POLL_S", 0.01)
    (tmp_path / "w.pth.part").write_bytes(CONTENT[:1000])
    seen: list[int] = []

    def until_third(count: int) -> None:
        seen.append(count)
        if len(seen) == 3:
            raise WeightsError("interrupted")

    with (
        FileLock(tmp_path / "w.pth.lock"),
        pytest.warns(ZooWarning, match="another process holds it") as said,
        pytest.raises(WeightsError, match="interrupted"),
    ):
        download("http://127.0.0.1:9/w.pth", tmp_path / "w.pth", DIGEST, until_third)
    assert seen == [1000] * 3
    assert len(said) == 1


@pytest.mark.slow
def test_killed_at_twenty_random_moments_nothing_half_stands_under_the_name(tmp_path: Path) -> None:
    content = CONTENT * 8
    digest = hashlib.sha256(content).hexdigest()
    moments, target = random.Random(3), tmp_path / "w.pth"
    context = multiprocessing.get_context("spawn")
    begun = 0
    with mirror(files={PATH: content}, drip_s=0.02) as server:
        for _ in range(20):
            process = context.Process(target=download, args=(server.url + PATH, target, digest))
            process.start()
            time.sleep(moments.uniform(0.3, 0.9))
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            begun += len(server.asked) > begun
            assert not target.exists() or target.read_bytes() == content
        server.drip_s = 0.0
        download(server.url + PATH, target, digest)
        assert begun >= 10  # most kills fell into a download
        # What the server wrote into a connection whose other end was gone counts too, and still it is little.
        assert server.bytes_sent <= 1.1 * len(content)
    assert target.read_bytes() == content
    assert not (tmp_path / "w.pth.part").exists()


def test_eight_processes_that_want_one_file_bring_it_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with mirror(files={PATH: CONTENT}, drip_s=0.005) as server:
        processes = [
            context.Process(target=download, args=(server.url + PATH, tmp_path / "w.pth", DIGEST)) for _ in range(8)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join(60)
        assert [process.exitcode for process in processes] == [0] * 8
        assert server.bytes_sent == len(CONTENT)
    assert (tmp_path / "w.pth").read_bytes() == CONTENT

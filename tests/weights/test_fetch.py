"""Weights ahead of time: what is whole stays, what is damaged or missing comes, and nothing waits for a dead host."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.weights.mirror import mirror
from tests.weights.planted import (
    CLASSIC,
    CLASSIC_TAG,
    HUBBED,
    HUBBED_TAG,
    hashed,
    hub_id,
    pickled,
    plant_classic,
    plant_hub,
    safetensors,
    state_dict,
    state_of,
)
from zoo.errors import WeightsError, ZooWarning
from zoo.loading.create import create
from zoo.sources.naming import parse_name
from zoo.weights import fetch
from zoo.weights.caches import torch_hub_dir
from zoo.weights.download import reach, remote
from zoo.weights.download.head import OutOfReachError
from zoo.weights.download.reach import check_reach
from zoo.weights.fetch import check_room, download_all, survey, wanted
from zoo.weights.locate import locate, weights_file

ITEM, ON_HUB = parse_name(f"{CLASSIC}.{CLASSIC_TAG}"), parse_name(f"{HUBBED}.{HUBBED_TAG}")


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")


def test_names_mean_default_weights_and_each_is_wanted_once() -> None:
    assert wanted(["squeezenet1_0", f"{CLASSIC}.{CLASSIC_TAG}", "timm/test_resnet"]) == [
        ITEM,
        parse_name(f"{HUBBED}.{HUBBED_TAG}"),
    ]


def test_what_is_whole_is_left_alone_and_what_is_damaged_comes_again(
    monkeypatch: pytest.MonkeyPatch, online: None
) -> None:
    content = pickled(state_dict(CLASSIC))
    path = plant_classic(monkeypatch, content)
    with mirror(files={f"/{path.name}": content}) as server:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", server.url)
        (item,) = survey([ITEM])
        assert item.file is not None
        assert item.size == len(content)
        assert server.asked == []
        path.write_bytes(content[:-5])
        (item,) = survey([ITEM])
        assert item.file is None
        assert "damaged" in item.problem
        assert item.size == len(content)
        seen: list[int] = []
        ((_, file, problem),) = download_all([item], on_bytes=lambda _item, count: seen.append(count))
        assert problem == ""
        assert file is not None
        assert path.read_bytes() == content
        assert seen[-1] == len(content)
        (item,) = survey([ITEM], again=True)
        assert item.remote is not None
        list(download_all([item], again=True))
        assert server.bytes_sent == 2 * len(content)
    create(CLASSIC)


def test_one_that_cannot_come_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch, online: None) -> None:
    content = pickled(state_dict(CLASSIC))
    file = hashed("squeezenet1_0", content)
    state_of(monkeypatch, CLASSIC, CLASSIC_TAG, file=file)
    with mirror(files={f"/{file}": content}) as server:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", server.url)
        monkeypatch.setattr("zoo.weights.download.file.time.sleep", lambda _s: None)
        items = survey([ITEM, parse_name("torchvision/alexnet.IMAGENET1K_V1")])
        ends = {item.name: problem for item, _, problem in download_all(items)}
    assert ends == {CLASSIC: ""}
    assert "the server answers 404" in items[1].problem
    assert items[1].remote is None


def test_a_reader_that_stops_ends_the_download_and_what_came_is_kept(
    monkeypatch: pytest.MonkeyPatch, online: None
) -> None:
    content = bytes(8_000_000)
    file = hashed("squeezenet1_0", content)
    state_of(monkeypatch, CLASSIC, CLASSIC_TAG, file=file)
    with mirror(files={f"/{file}": content}, drip_s=0.01) as server:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", server.url)
        items = survey([ITEM])
        begun = threading.Event()
        ends = download_all(items, on_bytes=lambda *_: begun.set())
        monkeypatch.setattr(fetch, "as_completed", lambda _running: (begun.wait(30), iter(()))[1])
        assert list(ends) == []
    part = torch_hub_dir() / f"{file}.part"
    assert 0 < part.stat().st_size < len(content)
    assert not (torch_hub_dir() / file).exists()


def test_what_the_disk_has_no_room_for_is_refused_before_anything_comes(
    monkeypatch: pytest.MonkeyPatch, online: None
) -> None:
    class Usage(NamedTuple):
        total: int
        used: int
        free: int

    content = bytes(1000)
    file = hashed("squeezenet1_0", content)
    state_of(monkeypatch, CLASSIC, CLASSIC_TAG, file=file)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: Usage(10, 10, 500))
    with mirror(files={f"/{file}": content}) as server:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", server.url)
        with pytest.raises(WeightsError, match=r"are to come and .* are free; make room"):
            check_room(survey([ITEM]))


def test_a_host_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, online: None) -> None:
    never = threading.Event()

    def hang(*_: Any, **__: Any) -> None:
        never.wait(60)
        raise OSError("late")

    monkeypatch.setattr(reach, "REACH_S", 0.05)
    monkeypatch.setattr(reach, "unreached", {})
    monkeypatch.setattr(socket, "create_connection", hang)
    for name, kept in ((CLASSIC, torch_hub_dir()), ("timm/resnet50", "models--timm--resnet50.a1_in1k")):
        with pytest.raises(WeightsError, match=r"cannot be reached: no answer within 0\.05 s") as caught:
            create(name)
        assert str(kept) in str(caught.value)
        assert "zoo fetch" in str(caught.value)
    never.set()


def test_a_proxy_is_what_has_to_be_reached(monkeypatch: pytest.MonkeyPatch, online: None) -> None:
    asked: list[tuple[str, int]] = []

    class Connection:
        def close(self) -> None:
            pass

    def connect(address: tuple[str, int], **_: Any) -> Connection:
        asked.append(address)
        return Connection()

    monkeypatch.setattr(socket, "create_connection", connect)
    for variable in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    check_reach("https://files.example/x")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    check_reach("https://files.example/x")
    monkeypatch.setenv("no_proxy", "files.example")
    check_reach("https://files.example/x")
    assert asked == [("files.example", 443), ("proxy.example", 3128), ("files.example", 443)]
    with pytest.raises(WeightsError, match="is no address"):
        check_reach("files.example/x")


def test_without_a_network_the_line_names_file_place_and_command() -> None:
    for name in ("torchvision/vgg16", "timm/vit_base_patch16_224", "timm/convnext_large"):
        (item,) = survey(wanted([name]))
        assert item.file is None
        assert item.remote is None
        assert f"zoo fetch {item.full_name}" in item.problem
        assert "looked in" in item.problem
        assert "HF_HUB_OFFLINE is set" in item.problem
    assert weights_file("torchvision/vgg16.IMAGENET1K_V1") == "vgg16-397923af.pth"


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "page"])
def test_damage_is_refused_at_load_with_the_way_out(monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    def spoil(path: Path) -> None:
        content = path.read_bytes()
        flipped = bytearray(content)
        flipped[len(content) // 2] ^= 1
        path.write_bytes(
            {"flip": bytes(flipped), "cut": content[:-100], "empty": b"", "page": b"<!DOCTYPE html><html>"}[damage]
        )

    spoil(plant_classic(monkeypatch, pickled(state_dict(CLASSIC))))
    spoil(plant_hub(hub_id(), safetensors(state_dict(HUBBED))).resolve())
    for name in (f"{CLASSIC}.{CLASSIC_TAG}", f"{HUBBED}.{HUBBED_TAG}"):
        with pytest.raises(WeightsError, match="damaged or not what its name says") as caught:
            create(name)
        line = str(caught.value)
        assert f"`zoo fetch --again {name}`" in line
        assert "\n" not in line
        for word, kind in (("the file is empty", "empty"), ("a web page", "page")):
            assert (word in line) == (damage == kind)


def test_a_hub_file_is_held_against_the_digest_that_the_cache_records(monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    content = safetensors(state_dict(HUBBED))
    link = plant_hub(hub_id(), content)
    create(f"{HUBBED}.{HUBBED_TAG}")
    # A small file of the hub is recorded under git's digest of it.
    blob = link.resolve()
    small = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
    blob.rename(blob.with_name(small))
    link.unlink()
    link.symlink_to(Path("..") / ".." / "blobs" / small)
    create(f"{HUBBED}.{HUBBED_TAG}")
    blob.with_name(small).write_bytes(content[:-1] + b"\1")
    with pytest.raises(WeightsError, match="git SHA-1"):
        create(f"{HUBBED}.{HUBBED_TAG}")


def test_where_nothing_states_a_digest_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    link = plant_hub(hub_id(), safetensors(state_dict(HUBBED)))
    content = link.read_bytes()
    link.unlink()
    link.write_bytes(content)
    with pytest.warns(ZooWarning, match="nothing states its digest"):
        create(f"{HUBBED}.{HUBBED_TAG}")
    (item,) = survey([ON_HUB])
    assert item.file is not None
    assert "nothing states its digest" in item.problem


def test_safetensors_come_before_pickles(monkeypatch: pytest.MonkeyPatch) -> None:
    plant_hub(hub_id(), pickled(state_dict(HUBBED, seed=1)), "pytorch_model.bin")
    plant_hub(hub_id(), safetensors(state_dict(HUBBED, seed=2)))
    file = locate(HUBBED, HUBBED_TAG)
    assert file is not None
    assert file.path.name == "model.safetensors"


def test_a_host_out_of_reach_is_not_tried_again_for_every_name(monkeypatch: pytest.MonkeyPatch, online: None) -> None:
    tried: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], **_: Any) -> None:
        tried.append(address)
        raise OSError("refused")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(reach, "unreached", {})
    monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", "http://mirror.example")
    items = survey(wanted(["alexnet", "vgg16", "resnet18"]), jobs=1)
    assert all("mirror.example cannot be reached: refused" in item.problem for item in items)
    assert tried == [("mirror.example", 80)]


def test_again_calls_nothing_whole_that_it_could_not_ask_for(monkeypatch: pytest.MonkeyPatch, online: None) -> None:
    path = plant_classic(monkeypatch, pickled(state_dict(CLASSIC)))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", f"http://127.0.0.1:{port}")
    (item,) = survey([ITEM], again=True)
    assert item.file is None
    assert "cannot be brought again" in item.problem
    assert str(path) in item.problem
    path.write_bytes(bytes(100))
    (item,) = survey([ITEM], again=True)
    assert item.file is None
    assert item.problem
    assert path.exists()


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [({"refusals": [(401, {})]}, "the server answers 401"), ({"files": {}}, "the server answers 404")],
)
def test_again_takes_a_refusal_for_no_proof(
    monkeypatch: pytest.MonkeyPatch, online: None, behaviour: dict[str, Any], said: str
) -> None:
    plant_classic(monkeypatch, pickled(state_dict(CLASSIC)))
    with mirror(**behaviour) as server:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", server.url)
        (item,) = survey([ITEM], again=True)
        assert (item.file, item.remote) == (None, None)
        assert said in item.problem
        (item,) = survey([ITEM])
        assert item.file is not None


def test_a_hub_that_is_silent_is_asked_once_for_many_names(monkeypatch: pytest.MonkeyPatch, online: None) -> None:
    asked: list[str] = []

    def silent(url: str, _headers: Any) -> None:
        asked.append(url)
        raise OutOfReachError("hub.example cannot be reached: timed out")

    monkeypatch.setattr(reach, "unreached", {})
    monkeypatch.setattr(remote, "unreached", reach.unreached)
    monkeypatch.setattr(remote, "head", silent)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: socket.socket())
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")
    items = survey(wanted(["timm/test_resnet", "timm/resnet18", "timm/resnet50"]), jobs=1)
    assert all("hub.example cannot be reached: timed out" in item.problem for item in items)
    assert len(asked) == 1


def test_a_pause_between_attempts_ends_when_the_reader_stops(monkeypatch: pytest.MonkeyPatch, online: None) -> None:
    pauses: list[Callable[[float], None]] = []

    def never(*_: Any, pause: Callable[[float], None], **__: Any) -> None:
        pauses.append(pause)
        raise WeightsError("planted")

    content = bytes(1000)
    file = hashed("squeezenet1_0", content)
    state_of(monkeypatch, CLASSIC, CLASSIC_TAG, file=file)
    with mirror(files={f"/{file}": content}) as server:
        monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", server.url)
        monkeypatch.setattr(fetch, "download", lambda *words, **named: never(pause=words[4], **named))
        assert [problem for _, _, problem in download_all(survey([ITEM]))] == ["planted"]
    with pytest.raises(WeightsError, match="interrupted"):
        pauses[0](600.0)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://user:SECRET@host", "may hold no name and password"),
        ("http://host:notaport", "is no address"),
        ("http://host:99999", "is no address"),
        ("http://[::1", "is no address"),
    ],
)
def test_an_address_that_cannot_be_asked_is_one_line_without_its_password(address: str, said: str) -> None:
    with pytest.raises(WeightsError, match=said) as caught:
        check_reach(address)
    assert "SECRET" not in str(caught.value)
    assert "\n" not in str(caught.value)

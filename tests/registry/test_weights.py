"""Weights are found where the libraries keep them, verified at every load, and never unpickled freely."""

from __future__ import annotations

import hashlib
import os
import pickle
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.registry.planted import hub_id, plant_classic, plant_hub, safetensors, state_of
from zoo.errors import UnknownNameError, WeightsError
from zoo.registry import create as creation
from zoo.registry.catalogue import get
from zoo.registry.create import build_architecture, create
from zoo.registry.loading import save_zoo_weights
from zoo.registry.own_weights import own_path
from zoo.registry.weights import locate, torch_hub_dir

NAME = "torchvision/squeezenet1_0"
TAG = "IMAGENET1K_V1"


def checkpoint(tmp_path: Path) -> tuple[bytes, dict[str, Any]]:
    torch.manual_seed(3)
    state = build_architecture(get(NAME)).state_dict()
    torch.save(state, tmp_path / "x.pth")
    return (tmp_path / "x.pth").read_bytes(), state


def test_a_checkpoint_in_torch_hub_is_loaded_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content, state = checkpoint(tmp_path)
    plant_classic(monkeypatch, content)
    model = create(NAME)
    assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
    found = locate(NAME)
    assert found is not None
    assert (found.kind, found.tag, found.sha256) == ("torch-hub", TAG, hashlib.sha256(content).hexdigest())
    assert create(NAME, num_classes=7)(torch.zeros(1, 3, 64, 64)).shape == (1, 7)


def test_a_planted_pickle_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    torch.save({"features.0.weight": Evil()}, tmp_path / "evil.pth", pickle_module=pickle)
    path = plant_classic(monkeypatch, (tmp_path / "evil.pth").read_bytes())
    with pytest.raises(WeightsError, match="holds more than tensors") as caught:
        create(NAME)
    assert str(path) in str(caught.value)
    assert not (tmp_path / "ran").exists()


def test_a_damaged_file_is_refused_also_after_it_was_loaded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, _ = checkpoint(tmp_path)
    path = plant_classic(monkeypatch, content)
    create(NAME)
    stat = path.stat()
    path.write_bytes(content[:-9] + b"\0" * 9)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # same size, same time: only the bytes tell
    with pytest.raises(WeightsError, match="damaged or not what its name says"):
        create(NAME)


def test_tensors_that_do_not_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save({"features.0.weight": torch.zeros(1)}, tmp_path / "x.pth")
    plant_classic(monkeypatch, (tmp_path / "x.pth").read_bytes())
    with pytest.raises(WeightsError, match=r"does not fit torchvision/squeezenet1_0"):
        create(NAME)


def test_missing_weights_name_the_file_the_place_and_the_remedy() -> None:
    with pytest.raises(WeightsError) as caught:
        create(NAME)
    line = str(caught.value)
    assert "squeezenet1_0-b66bff10.pth" in line
    assert str(torch_hub_dir()) in line
    assert "zoo pretrain torchvision/squeezenet1_0" in line
    assert "\n" not in line


def test_an_unknown_tag_names_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="IMAGENET1K_V1"):
        create("resnet18.IMAGENET1K_V9")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A mirror: whatever lies in the folder is served."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    folder = tmp_path / "served"
    folder.mkdir()
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}", folder
    http.shutdown()
    thread.join()
    http.server_close()


def test_a_mirror_brings_the_file_and_a_wrong_one_is_not_kept(
    server: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, folder = server
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("ZOO_TORCHVISION_MIRROR", base)
    content, state = checkpoint(tmp_path)
    file = f"squeezenet1_0-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    state_of(monkeypatch, NAME, TAG, file=file)
    (folder / file).write_bytes(content + b"changed on the way")
    with pytest.raises(WeightsError, match="what came is not the file"):
        create(NAME)
    assert not (torch_hub_dir() / file).exists()
    (folder / file).write_bytes(content)
    model = create(NAME)
    assert torch.equal(model.state_dict()["features.0.weight"], state["features.0.weight"])


def test_the_zoos_own_weights_are_a_tag_with_a_digest() -> None:
    with torch.random.fork_rng():
        model = create(NAME, weights=None, num_classes=3)
    info = {"classes": ["a", "b", "c"], "input_size": 48, "mean": [0.5] * 3, "std": [0.2] * 3}
    file = save_zoo_weights(NAME, "mine", model.state_dict(), info)
    assert get(f"{NAME}.mine").input_size == (3, 48, 48)
    loaded = create(f"{NAME}.mine")
    assert loaded(torch.zeros(1, 3, 48, 48)).shape == (1, 3)
    assert all(torch.equal(v, model.state_dict()[k]) for k, v in loaded.state_dict().items())
    path = own_path(NAME, "mine")
    assert path == file.path
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    with pytest.raises(WeightsError, match="damaged"):
        create(f"{NAME}.mine")


def test_timms_weights_come_from_the_hub_cache_and_through_its_own_filters() -> None:
    spec = get("timm/resnet18")
    torch.manual_seed(4)
    state = build_architecture(spec).state_dict()
    plant_hub(hub_id("timm/resnet18", str(spec.tag)), safetensors(state))
    model = creation.create("timm/resnet18", num_classes=5)
    assert torch.equal(model.state_dict()["conv1.weight"], state["conv1.weight"])
    assert model(torch.zeros(1, 3, 64, 64)).shape == (1, 5)

"""Weights are found where the libraries keep them, verified at every load, and never unpickled freely."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.weights.planted import hub_id, plant_classic, plant_hub, safetensors, state_of
from zoo.errors import UnknownNameError, WeightsError, ZooWarning
from zoo.loading.create import create, create_to_train
from zoo.models.build import build_architecture
from zoo.registry.catalogue import get
from zoo.registry.own_tags import card, own_path, own_tags
from zoo.weights.caches import hugging_face_dir, torch_hub_dir
from zoo.weights.locate import locate
from zoo.weights.save import save_zoo_weights

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


def test_a_head_of_the_width_asked_for_is_kept_and_another_is_new_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, state = checkpoint(tmp_path)
    plant_classic(monkeypatch, content)
    kept = create(NAME, num_classes=1000)  # warnings are errors here: nothing is new, and nothing is said
    assert torch.equal(kept.state_dict()["classifier.1.weight"], state["classifier.1.weight"])
    with pytest.warns(ZooWarning, match=r"IMAGENET1K_V1: .* has 1000 classes and 7 were asked for; it is new"):
        model = create(NAME, num_classes=7)
    assert model(torch.zeros(1, 3, 64, 64)).shape == (1, 7)
    assert create(NAME, num_classes=0)(torch.zeros(1, 3, 64, 64)).shape == (1, 512)


def test_for_training_the_head_is_new_whatever_its_width_and_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, state = checkpoint(tmp_path)
    plant_classic(monkeypatch, content)
    with torch.random.fork_rng():
        for classes in (1000, 7):
            model = create_to_train(NAME, "default", classes).state_dict()
            assert model["classifier.1.weight"].shape[0] == classes
            assert not torch.equal(model["classifier.1.weight"][:7], state["classifier.1.weight"][:7])
            assert torch.equal(model["features.0.weight"], state["features.0.weight"])


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


INFO = {"classes": ["a", "b", "c"], "input_size": 48, "mean": [0.5] * 3, "std": [0.2] * 3}


def test_nothing_made_here_stands_for_published_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WeightsError, match=f"{NAME}.{TAG}: that tag is of published weights"):
        save_zoo_weights(NAME, TAG, {"w": torch.zeros(1)}, INFO)
    file = save_zoo_weights(NAME, "mine", {"w": torch.zeros(1)}, INFO)
    planted = own_path(NAME, TAG)
    file.path.rename(planted)
    file.path.with_suffix(".json").rename(planted.with_suffix(".json"))
    spec = get(NAME)
    assert (spec.tag, spec.input_size, spec.licence) == (TAG, (3, 224, 224), get(f"{NAME}.{TAG}").licence)
    assert spec.preprocessing is not None
    assert spec.preprocessing.mean == (0.485, 0.456, 0.406)
    assert (spec.tags, locate(NAME), list(own_tags(NAME, [TAG]))) == ((TAG,), None, [])
    with pytest.raises(WeightsError, match="are not at hand"):
        create(NAME)
    content, state = checkpoint(tmp_path)
    plant_classic(monkeypatch, content)
    assert torch.equal(create(NAME).state_dict()["features.0.weight"], state["features.0.weight"])


@pytest.mark.parametrize(("task", "shown"), [("letters-am", "letters-am"), ("/srv/ada/flowers/", "flowers")])
def test_a_card_of_before_shows_no_path(task: str, shown: str) -> None:
    file = save_zoo_weights(NAME, "mine", {"w": torch.zeros(1)}, INFO | {"task": task})
    assert (card(file.path) or {})["task"] == shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"mean": 5}, {"mean": [0.5, float("nan"), 0.5]}, {"std": [0.0] * 3}, {"input_size": "x"}, {"classes": 3},
        {"licence": "\x1b[2J"}, {"licence": {}}, {"sha256": 1},
        {"head": -1}, {"head": True}, {"classes": []}, {"preprocessing": None}, {"preprocessing": [48]},
        {"preprocessing": [48, 0, "bilinear", [0.5] * 3, [0.5] * 3]},
        {"preprocessing": [64, 64, "bilinear", [0.5] * 3, [0.5] * 3]},
        {"preprocessing": [48, 48, "sinc", [0.5] * 3, [0.5] * 3]},
        {"preprocessing": [48, 48, "bilinear", "abc", [0.5] * 3]},
    ],
)  # fmt: skip
def test_a_card_of_other_types_is_no_card(wrong: dict[str, Any]) -> None:
    file = save_zoo_weights(NAME, "mine", {"w": torch.zeros(1)}, INFO)
    beside = file.path.with_suffix(".json")
    assert "mine" in get(NAME).tags
    beside.write_text(json.dumps(json.loads(beside.read_text()) | wrong))
    assert "mine" not in get(NAME).tags
    with pytest.raises(UnknownNameError, match="unknown weights tag"):
        get(f"{NAME}.mine")


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
    kept = create(f"{NAME}.mine", num_classes=3)
    assert all(torch.equal(v, model.state_dict()[k]) for k, v in kept.state_dict().items())
    with pytest.warns(ZooWarning, match="has 3 classes and 2 were asked for"):
        create(f"{NAME}.mine", num_classes=2)
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
    same = create("timm/resnet18", num_classes=1000)
    assert torch.equal(same.state_dict()["fc.weight"], state["fc.weight"])
    with pytest.warns(ZooWarning, match="has 1000 classes and 5 were asked for"):
        model = create("timm/resnet18", num_classes=5)
    assert torch.equal(model.state_dict()["conv1.weight"], state["conv1.weight"])
    assert model(torch.zeros(1, 3, 64, 64)).shape == (1, 5)


def test_the_caches_are_where_the_libraries_have_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MINE", "mine")
    monkeypatch.setenv("TORCH_HOME", "~/th")
    monkeypatch.setenv("HF_HOME", "~/$MINE/hf")
    monkeypatch.setenv("ZOO_CACHE", "~/zc")
    assert own_path(NAME, "mine").is_relative_to(tmp_path / "zc")
    assert torch_hub_dir() == tmp_path / "th" / "hub" / "checkpoints"
    assert hugging_face_dir() == tmp_path / "mine" / "hf" / "hub"
    asked = "import torch.hub, huggingface_hub.constants as c; print(torch.hub.get_dir()); print(c.HF_HUB_CACHE)"
    done = subprocess.run(
        [sys.executable, "-c", asked], env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(tmp_path / "th" / "hub"), str(tmp_path / "mine" / "hf" / "hub")]


def test_a_cache_that_cannot_be_written_keeps_no_digest_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from zoo.weights.digests import digest, remembered

    file = tmp_path / "w.bin"
    file.write_bytes(b"bytes")
    (tmp_path / "taken").write_text("a file where the folder would be")
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "taken" / "cache"))
    assert digest(file) == hashlib.sha256(b"bytes").hexdigest()
    assert remembered(file) is None

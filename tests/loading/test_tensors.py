"""Checkpoints of the user's own: unwrapped, fitted or refused in one line, and never run."""

from __future__ import annotations

import io
import os
import pickle
import re
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from zoo.errors import WeightsError, ZooWarning
from zoo.loading.create import create
from zoo.loading.tensors import read_checkpoint
from zoo.loading.unfilled import build_filled
from zoo.models.build import build_architecture
from zoo.registry.catalogue import get
from zoo.sources import user

NAME = "torchvision/squeezenet1_0"
State = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def state() -> State:
    torch.manual_seed(5)
    return build_architecture(get(NAME), 10).state_dict()


def prefixed(state: State, prefix: str) -> State:
    return {prefix + key: value for key, value in state.items()}


def other(state: State) -> State:
    return {key: value + 1 for key, value in state.items()}


@pytest.mark.parametrize(
    ("wrap", "taken"),
    [
        (lambda s: s, ""),
        (lambda s: {"state_dict": s, "epoch": 3, "optimizer": {"lr": 0.1}}, "state_dict"),
        (lambda s: {"model": s, "args": {"batch": 4}}, "model"),
        (lambda s: {"model": other(s), "model_ema": s}, "model_ema"),
        (lambda s: {"state_dict": other(s), "state_dict_ema": s}, "state_dict_ema"),
        (lambda s: prefixed(s, "module."), "module"),
        (lambda s: {"state_dict": prefixed(s, "module._orig_mod.")}, "state_dict.module._orig_mod"),
        (lambda s: {"model": {"state_dict": prefixed(s, "_orig_mod.")}}, "model.state_dict._orig_mod"),
    ],
)
@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_what_training_wrapped_is_unwrapped(
    tmp_path: Path, state: State, wrap: Callable[[State], Any], taken: str, legacy: bool
) -> None:
    path = tmp_path / "mine.pth"
    torch.save(wrap(state), path, _use_new_zipfile_serialization=not legacy)
    found = read_checkpoint(path)
    assert found.taken_from == taken
    assert found.state.keys() == state.keys()
    assert all(torch.equal(value, state[key]) for key, value in found.state.items())


@pytest.mark.parametrize("kind", ["pth", "pt", "safetensors", "bin", "ckpt"])
def test_a_path_is_weights_and_its_head_is_kept(tmp_path: Path, state: State, kind: str) -> None:
    path = tmp_path / f"mine.{kind}"
    if kind == "safetensors":
        save_file(state, path)
    else:
        torch.save({"state_dict": state}, path)
    for weights in (path, str(path)):
        model = create("squeezenet1_0", weights=weights)
        assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
    assert model(torch.zeros(1, 3, 64, 64)).shape == (1, 10)
    assert create("squeezenet1_0", weights=path, num_classes=0)(torch.zeros(1, 3, 64, 64)).shape == (1, 512)


def test_a_head_of_another_width_is_replaced_and_said(tmp_path: Path, state: State) -> None:
    torch.save(state, tmp_path / "mine.pth")
    with pytest.warns(ZooWarning, match="its head has 10 classes and 7 were asked for"):
        model = create(NAME, weights=tmp_path / "mine.pth", num_classes=7)
    assert model(torch.zeros(1, 3, 64, 64)).shape == (1, 7)
    assert torch.equal(model.state_dict()["features.0.weight"], state["features.0.weight"])


def test_a_file_without_a_head_gets_a_new_one_and_it_is_said(tmp_path: Path, state: State) -> None:
    torch.save({k: v for k, v in state.items() if not k.startswith("classifier")}, tmp_path / "backbone.pth")
    with pytest.warns(ZooWarning, match="holds no head"):
        model = create(NAME, weights=tmp_path / "backbone.pth", num_classes=4)
    assert model(torch.zeros(1, 3, 64, 64)).shape == (1, 4)
    assert torch.equal(model.state_dict()["features.0.weight"], state["features.0.weight"])
    features = create(NAME, weights=tmp_path / "backbone.pth", num_classes=0)  # nothing new: nothing said
    assert features(torch.zeros(1, 3, 64, 64)).shape == (1, 512)


def test_a_timm_checkpoint_is_fitted_by_timm(tmp_path: Path) -> None:
    torch.manual_seed(2)
    wanted = build_architecture(get("timm/test_resnet"), 5).state_dict()
    torch.save({"state_dict_ema": wanted, "epoch": 1}, tmp_path / "mine.pth")
    model = create("timm/test_resnet", weights=tmp_path / "mine.pth")
    assert all(torch.equal(value, wanted[key]) for key, value in model.state_dict().items())
    with pytest.warns(ZooWarning, match="5 classes and 3"):
        create("timm/test_resnet", weights=tmp_path / "mine.pth", num_classes=3)


def zeros(name: str, classes: int | None = None) -> State:
    """Tensors of an architecture's shapes, without the time to draw them."""
    with torch.device("meta"):
        state = build_architecture(get(name), classes).state_dict()
    return {key: torch.zeros(value.shape, dtype=value.dtype) for key, value in state.items()}


HEADLESS = "timm/vit_tiny_patch16_dinov3_qkvb"
"""An architecture that the library builds without a head."""


def test_a_head_on_an_architecture_without_one_is_loaded(tmp_path: Path) -> None:
    state = zeros(HEADLESS, 10)
    state["head.weight"] += 2
    torch.save(state, tmp_path / "tuned.pth")
    for classes in (None, 10):
        kept = create(HEADLESS, weights=tmp_path / "tuned.pth", num_classes=classes)
        assert torch.equal(kept.state_dict()["head.weight"], state["head.weight"])
    with pytest.warns(ZooWarning, match="its head has 10 classes and 7 were asked for"):
        assert create(HEADLESS, weights=tmp_path / "tuned.pth", num_classes=7).get_parameter("head.bias").shape == (
            7,
        )
    torch.save({key: value for key, value in state.items() if not key.startswith("head.")}, tmp_path / "bare.pth")
    bare = create(HEADLESS, weights=tmp_path / "bare.pth")  # as the library has it: nothing is new, nothing said
    assert not any(key.startswith("head.") for key in bare.state_dict())
    with pytest.warns(ZooWarning, match="it has no head and 7 were asked for"):
        create(HEADLESS, weights=tmp_path / "bare.pth", num_classes=7)


def test_the_width_of_a_head_with_a_norm_is_that_of_its_classes(tmp_path: Path) -> None:
    torch.save(zeros("timm/levit_128s", 10), tmp_path / "mine.pth")
    model = create("timm/levit_128s", weights=tmp_path / "mine.pth")
    assert model.get_parameter("head.linear.weight").shape[0] == 10


def test_a_head_at_no_usual_place_is_loaded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "_REGISTERED", {})

    def net(num_classes: int) -> nn.Module:
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))

    user.add("mine/plain", net, (3, 32, 32))
    torch.manual_seed(1)
    state = net(7).state_dict()
    torch.save(state, tmp_path / "mine.pth")
    for classes in (None, 7):
        model = create("mine/plain", weights=tmp_path / "mine.pth", num_classes=classes)
        assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
    with pytest.warns(ZooWarning, match="its head has 7 classes and 5"):
        model = create("mine/plain", weights=tmp_path / "mine.pth", num_classes=5)
    assert model(torch.zeros(1, 3, 32, 32)).shape == (1, 5)
    assert torch.equal(model.state_dict()["0.weight"], state["0.weight"])


def test_positions_of_another_image_size_are_said_to_be_resampled(tmp_path: Path) -> None:
    import timm

    torch.manual_seed(1)
    torch.save(timm.create_model("test_vit", img_size=224).state_dict(), tmp_path / "mine.pth")
    with pytest.warns(
        ZooWarning, match=r"another input size: 1 resampled \(pos_embed \(1, 197, 64\) to \(1, 101, 64\)"
    ):
        create("timm/test_vit", weights=tmp_path / "mine.pth")


def test_googlenets_input_is_transformed_unless_its_normalisation_is_stated(tmp_path: Path) -> None:
    path = tmp_path / "mine.pth"
    state = zeros("torchvision/googlenet", 10)
    assert state["aux1.fc2.weight"].shape[0] == 1000
    state["aux1.fc2.weight"], state["aux1.fc2.bias"] = torch.zeros(10, 1024), torch.zeros(10)  # as users exchange it
    torch.save(state, path)
    with pytest.warns(ZooWarning, match="no mean and std are stated, so transform_input is on"):
        model = create("googlenet", weights=path)
    assert model.transform_input is True
    assert (model.get_parameter("fc.weight").shape[0], getattr(model, "aux1", None)) == (10, None)
    path.with_suffix(".json").write_text('{"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}')
    with pytest.warns(ZooWarning, match="mean and std are stated and used as they are, so transform_input is off"):
        assert create("googlenet", weights=path).transform_input is False


def test_what_does_not_fit_a_timm_model_is_counted_and_named(tmp_path: Path) -> None:
    state = build_architecture(get("timm/test_resnet"), 5).state_dict()
    wrong = {key: value for key, value in state.items() if not key.startswith("layer1.0.conv")}
    wrong["conv1.0.weight"] = torch.zeros(2, 2)
    wrong["stranger\x1b"] = torch.zeros(1)
    torch.save(wrong, tmp_path / "mine.pth")
    with pytest.raises(WeightsError) as caught:
        create("timm/test_resnet", weights=tmp_path / "mine.pth")
    line = str(caught.value)
    count = sum(key.startswith("layer1.0.conv") for key in state)
    assert count
    assert f"{count} missing (layer1.0.conv1.weight" in line
    assert "1 unknown (stranger?)" in line
    assert "1 of another shape (conv1.0.weight (2, 2) instead of" in line
    assert line.isprintable()


def test_tensors_without_dimensions_and_names_that_are_no_text_are_one_line(tmp_path: Path, state: State) -> None:
    torch.save(state | {"classifier.1.weight": torch.tensor(1.0)}, tmp_path / "mine.pth")
    with pytest.raises(WeightsError, match=r"1 of another shape \(classifier.1.weight \(\) instead of"):
        create(NAME, weights=tmp_path / "mine.pth")
    torch.save({1: torch.zeros(1), ("a", 1): torch.zeros(1)}, tmp_path / "mine.pth")
    with pytest.raises(WeightsError, match="is no state dict of tensors by name: 1, "):
        create(NAME, weights=tmp_path / "mine.pth")


def test_what_does_not_fit_is_counted_and_named(tmp_path: Path, state: State) -> None:
    wrong = {k: v for k, v in state.items() if not k.startswith("features.3.")}
    wrong["features.0.weight"] = torch.zeros(2, 2)
    wrong["stranger"] = torch.zeros(1)
    torch.save(wrong, tmp_path / "mine.pth")
    with pytest.raises(WeightsError) as caught:
        create(NAME, weights=tmp_path / "mine.pth")
    line = str(caught.value)
    assert "6 missing (features.3.squeeze.weight, features.3.squeeze.bias, features.3.expand1x1.weight" in line
    assert "1 unknown (stranger)" in line
    assert "1 of another shape (features.0.weight (2, 2) instead of (96, 3, 7, 7))" in line
    assert "\n" not in line


class Evil:
    """Makes a folder when it is unpickled freely."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def evil_zip(path: Path, folder: Path) -> None:
    torch.save({"features.0.weight": Evil(folder)}, path, pickle_module=pickle)


def evil_nested(path: Path, folder: Path) -> None:
    torch.save({"state_dict": {"a": torch.zeros(1)}, "args": [{"deep": (Evil(folder),)}]}, path, pickle_module=pickle)


def evil_legacy(path: Path, folder: Path) -> None:
    torch.save({"a": Evil(folder)}, path, pickle_module=pickle, _use_new_zipfile_serialization=False)


def evil_bare(path: Path, folder: Path) -> None:
    path.write_bytes(pickle.dumps(Evil(folder)))


def evil_tar(path: Path, folder: Path) -> None:
    content = pickle.dumps(Evil(folder))
    with tarfile.open(path, "w") as tar:
        for name in ("sys_info", "pickle", "storages", "tensors"):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def evil_in_the_archive(path: Path, folder: Path) -> None:
    torch.save({"a": torch.zeros(1)}, path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, pickle.dumps(Evil(folder)) if name.endswith("data.pkl") else content)


def lying_header(path: Path, folder: Path) -> None:
    header = b'{"a":{"dtype":"F32","shape":[1000000],"data_offsets":[0,4000000]}}'
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 16)


def endless_header(path: Path, folder: Path) -> None:
    path.write_bytes(struct.pack("<Q", 1 << 62) + b"{}")


@pytest.mark.parametrize(
    ("make", "suffix"),
    [
        (evil_zip, ".pth"), (evil_nested, ".pth"), (evil_legacy, ".pth"), (evil_bare, ".pt"), (evil_tar, ".pth"),
        (evil_in_the_archive, ".pth"), (evil_zip, ".bin"), (evil_bare, ".safetensors"),
        (lying_header, ".safetensors"), (endless_header, ".safetensors"),
    ],
)  # fmt: skip
def test_no_file_runs_anything(tmp_path: Path, make: Callable[[Path, Path], None], suffix: str) -> None:
    path = tmp_path / f"evil{suffix}"
    make(path, tmp_path / "ran")
    with pytest.raises(WeightsError) as caught:
        create(NAME, weights=path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "ran").exists()


def test_the_planted_files_would_run_if_they_were_unpickled_freely(tmp_path: Path) -> None:
    evil_zip(tmp_path / "evil.pth", tmp_path / "ran")
    torch.load(tmp_path / "evil.pth", weights_only=False)
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"\(the file is empty\); copy it again"), (b"<!DOCTYPE html><html>404</html>", "a web page"),
        (None, "cannot be read as .*; copy it again"), (b"hello world", "cannot be read as .*; copy it again"),
    ],
    ids=["empty", "page", "cut", "text"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_said_to_be_none(
    tmp_path: Path, state: State, suffix: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / f"mine{suffix}"
    if content is None:
        if suffix == ".pth":
            torch.save(state, path)
        else:
            save_file(state, path)
        content = path.read_bytes()[:-1000]
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=said) as caught:
        create(NAME, weights=path)
    # One line, in words: neither the key of a KeyError nor what the reader advises.
    assert not re.search(r"KeyError|EOFError|\n|If you are seeing", str(caught.value))


def test_objects_of_other_kinds_are_named(tmp_path: Path, state: State) -> None:
    torch.save({"state_dict": state, "net": nn.Flatten()}, tmp_path / "mine.pth")
    with pytest.raises(
        WeightsError, match=r"holds more than tensors \(torch\.nn\.modules\.flatten\.Flatten\).*alone"
    ):
        create(NAME, weights=tmp_path / "mine.pth")
    torch.save({"epoch": 3, "name": "x"}, tmp_path / "none.pth")
    with pytest.raises(WeightsError, match="no state dict of tensors by name: epoch, name"):
        create(NAME, weights=tmp_path / "none.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(WeightsError, match="holds a list, no state dict"):
        create(NAME, weights=tmp_path / "list.pth")


def test_a_path_to_nothing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="there is no such file"):
        create(NAME, weights=tmp_path / "absent.pth")
    with pytest.raises(WeightsError, match="there is no such file"):
        create(NAME, weights="absent.pth")


def test_loading_draws_no_random_number_and_shares_the_file(tmp_path: Path, state: State) -> None:
    torch.save(state, tmp_path / "mine.pth")
    torch.manual_seed(9)
    before = torch.get_rng_state()
    model = create(NAME, weights=tmp_path / "mine.pth")
    assert torch.equal(torch.get_rng_state(), before)
    # What is trained changes in memory, not in the file.
    with torch.no_grad():
        model.get_parameter("features.0.weight").zero_()
    assert torch.equal(read_checkpoint(tmp_path / "mine.pth").state["features.0.weight"], state["features.0.weight"])


def test_types_and_ties_are_the_modules_own() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)
            self.second.weight = self.first.weight
            self.register_buffer("index", torch.arange(4), persistent=False)

    torch.manual_seed(1)
    half = {key: value.half() for key, value in Tied().state_dict().items()}

    def make() -> nn.Module:
        model = Tied()
        assert model.first.weight.is_meta
        model.load_state_dict(half)
        return model

    model = build_filled(make)
    assert all(p.dtype == torch.float32 for p in model.parameters())
    assert torch.equal(model.get_parameter("first.weight"), half["first.weight"].float())
    assert model.get_parameter("second.weight") is model.get_parameter("first.weight")
    assert torch.equal(model.get_buffer("index"), torch.arange(4))
    assert all(p.requires_grad for p in model.parameters())


def test_what_reads_its_parameters_while_it_is_built_is_built_the_usual_way() -> None:
    class Reads(nn.Linear):
        def __init__(self) -> None:
            super().__init__(3, 3)
            self.largest = float(self.weight.abs().max())

    model = build_filled(Reads)
    assert not model.get_parameter("weight").is_meta

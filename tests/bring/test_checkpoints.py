"""Twenty checkpoints of one network: the same logits, or one true line."""

from __future__ import annotations

import argparse
import datetime
import pathlib
import random
import types
import warnings
import zipfile
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from zoo.errors import WeightsError, ZooWarning
from zoo.loading import pickles
from zoo.loading.create import create
from zoo.models.build import build_architecture
from zoo.registry.catalogue import get

NAME = "torchvision/resnet18"
State = dict[str, torch.Tensor]
Path = pathlib.Path


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(3)
    return build_architecture(get(NAME), 10).eval()


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def logits(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        out: torch.Tensor = network(images)
    return out


def named(state: State, prefix: str) -> State:
    return {prefix + key: value for key, value in state.items()}


def averaged(state: State) -> State:
    return {"n_averaged": torch.tensor(7), **named(state, "module.")}


def optimizer(state: State) -> dict[str, Any]:
    slots = {i: {"step": 3.0, "exp_avg": value, "exp_avg_sq": value} for i, value in enumerate(state.values())}
    return {"state": slots, "param_groups": [{"lr": 0.1, "params": list(slots)}]}


def split(state: State) -> State:
    """The backbone under a prefix, and the head, as a layer of its own, beside it."""
    body = {key: value for key, value in state.items() if not key.startswith("fc.")}
    return named(body, "backbone.") | {"head.weight": state["fc.weight"], "head.bias": state["fc.bias"]}


def moco(state: State) -> State:
    return named(state, "encoder_q.") | {"queue": torch.randn(128, 64), "queue_ptr": torch.zeros(1)}


ARGUMENTS = argparse.Namespace(lr=0.1, output=pathlib.PurePosixPath("out"), started=datetime.date(2026, 1, 1))

CHECKPOINTS: dict[str, tuple[Callable[[State], Any], str]] = {
    "plain": (lambda s: s, ""),
    "ordered": (lambda s: OrderedDict(s), ""),
    "timm's script": (lambda s: {"epoch": 3, "state_dict": s, "optimizer": optimizer(s), "args": ARGUMENTS}, ""),
    "torchvision's script": (
        lambda s: {"model": s, "optimizer": optimizer(s), "lr_scheduler": {"last_epoch": 3}, "args": ARGUMENTS}, ""
    ),
    "numpy's scalars": (
        lambda s: {"state_dict": s, "best": np.float64(0.7), "curve": np.arange(3), "seed": np.random.get_state()}, ""
    ),
    "model_state_dict": (lambda s: {"epoch": 1, "model_state_dict": s, "optimizer_state_dict": optimizer(s)}, ""),
    "net": (lambda s: {"net": s, "acc": 93.2, "epoch": 10}, ""),
    "any key": (lambda s: {"run": {"best": {"my_resnet": s}}, "history": [1.0, 2.0]}, ""),
    "lightning": (
        lambda s: {
            "epoch": 1, "pytorch-lightning_version": "2.1", "state_dict": named(s, "model."), "loops": {},
            "hyper_parameters": defaultdict(list, lr=[0.1]), "optimizer_states": [optimizer(s)],
        }, ""
    ),
    "averaged": (averaged, "1 tensor that is not the network's was left out (n_averaged)"),
    "parallel": (lambda s: {"state_dict": named(s, "module.")}, ""),
    "compiled": (lambda s: named(s, "_orig_mod."), ""),
    "both": (lambda s: {"model": named(s, "module._orig_mod.")}, ""),
    "backbone": (lambda s: named(s, "backbone."), ""),
    "net in a model": (lambda s: {"state_dict": named(s, "model.net.")}, ""),
    "backbone and head": (split, "its head is head.weight, head.bias"),
    "with a loss": (
        lambda s: named(s, "model.") | {"criterion.weight": torch.ones(10)},
        "1 tensor that is not the network's was left out (criterion.weight)",
    ),
    "with a queue": (moco, "2 tensors that are not the network's were left out (queue, queue_ptr)"),
    "dropout before the head": (
        lambda s: {key.replace("fc.", "fc.1."): value for key, value in s.items()},
        "its head is fc.1.weight, fc.1.bias",
    ),
    "averaged beside": (
        lambda s: {"model": {k: v + 1 if v.is_floating_point() else v for k, v in s.items()}, "model_ema": s},
        "holds several networks that fit; model_ema was taken, not model",
    ),
    "a namespace": (lambda s: {"state_dict": s, "config": types.SimpleNamespace(a=1), "rng": random.getstate()}, ""),
    "a set that cannot change": (lambda s: {"state_dict": s, "frozen": frozenset({"conv1"}), "z": 1j}, ""),
    "a sequence of backbone and head": (
        lambda s: named({k: v for k, v in s.items() if not k.startswith("fc.")}, "0.")
        | {"2.weight": s["fc.weight"], "2.bias": s["fc.bias"]},
        "its head is 2.weight, 2.bias",
    ),
    "a pair": (lambda s: (s, optimizer(s)), ""),
    "teacher and student": (
        lambda s: {
            "student": named({k: v + 1 if v.is_floating_point() else v for k, v in s.items()}, "module.backbone."),
            "teacher": named(s, "backbone."),
        },
        "holds several networks that fit; teacher.backbone was taken, not student.module.backbone",
    ),
    "half precision": (lambda s: {key: v.half() if v.is_floating_point() else v for key, v in s.items()}, ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHECKPOINTS)
def test_every_checkpoint_is_the_same_network(
    kind: str, tmp_path: Path, network: nn.Module, images: torch.Tensor, logits: torch.Tensor
) -> None:
    make, said = CHECKPOINTS[kind]
    torch.save(make(network.state_dict()), tmp_path / "mine.pth")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model = create(NAME, weights=tmp_path / "mine.pth")
    with torch.no_grad():
        found = model(images)
    assert torch.allclose(found, logits, atol=0.02 if kind == "half precision" else 0), kind
    assert [str(one.message) for one in told] == ([f"{tmp_path / 'mine.pth'}: {said}"] if said else [])


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "before zip"])
def test_arguments_are_read_in_both_formats_of_torch(tmp_path: Path, network: nn.Module, legacy: bool) -> None:
    content = {"state_dict": network.state_dict(), "args": ARGUMENTS, "best": np.float32(1)}
    torch.save(content, tmp_path / "mine.pth", _use_new_zipfile_serialization=not legacy)
    model = create(NAME, weights=tmp_path / "mine.pth")
    assert torch.equal(model.get_parameter("fc.weight"), network.get_parameter("fc.weight"))


def test_a_bare_name_in_the_current_folder_is_a_file(
    tmp_path: Path, network: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("best.pth", "model_best.pth.tar", "last"):
        torch.save(network.state_dict(), name)
        found = create(NAME, weights=name)
        assert torch.equal(found.get_parameter("conv1.weight"), network.get_parameter("conv1.weight"))


def test_no_head_is_needed_where_none_is_asked_for(tmp_path: Path, network: nn.Module, images: torch.Tensor) -> None:
    body = {key: value for key, value in network.state_dict().items() if not key.startswith("fc.")}
    deep = body | {
        "fc.0.weight": torch.zeros(64, 512),
        "fc.0.bias": torch.zeros(64),
        "fc.2.weight": torch.zeros(5, 64),
    }
    torch.save(body, tmp_path / "body.pth")
    torch.save(deep, tmp_path / "deep.pth")
    assert create(NAME, weights=tmp_path / "body.pth", num_classes=0)(images).shape == (2, 512)
    with pytest.warns(ZooWarning, match=r"3 tensors .* left out \(fc.0.weight, fc.0.bias, fc.2.weight\)"):
        features = create(NAME, weights=tmp_path / "deep.pth", num_classes=0)
    assert torch.equal(features.get_parameter("conv1.weight"), body["conv1.weight"])
    with pytest.warns(ZooWarning) as told:  # a head of two layers cannot be known from its tensors
        create(NAME, weights=tmp_path / "deep.pth", num_classes=5)
    assert any("its own is new and untrained" in str(one.message) for one in told)


def test_one_channel_is_the_sum_of_three_as_the_libraries_have_it(tmp_path: Path, network: nn.Module) -> None:
    import timm

    grey = torch.randn(2, 1, 64, 64, generator=torch.Generator().manual_seed(2))
    torch.save(network.state_dict(), tmp_path / "mine.pth")
    with torch.no_grad():
        model = create(NAME, weights=tmp_path / "mine.pth", in_chans=1)
        assert torch.allclose(model(grey), network(grey.expand(-1, 3, -1, -1)), atol=1e-4)
        wide = create(NAME, weights=tmp_path / "mine.pth", in_chans=5)
        assert torch.allclose(
            wide.get_parameter("conv1.weight"), timm.models.adapt_input_conv(5, network.get_parameter("conv1.weight"))
        )
        assert wide(torch.randn(1, 5, 64, 64)).shape == (1, 10)


def test_a_checkpoint_of_one_channel_is_built_for_one(tmp_path: Path, network: nn.Module) -> None:
    state = dict(network.state_dict())
    state["conv1.weight"] = state["conv1.weight"].sum(dim=1, keepdim=True)
    torch.save(state, tmp_path / "grey.pth")
    with pytest.warns(ZooWarning, match="was trained on images of 1 channel, and takes such"):
        model = create(NAME, weights=tmp_path / "grey.pth")
    assert torch.equal(model.get_parameter("conv1.weight"), state["conv1.weight"])
    assert model(torch.randn(1, 1, 64, 64)).shape == (1, 10)
    with (
        pytest.warns(ZooWarning, match="1 channel"),
        pytest.raises(WeightsError, match="of 1 channel, and 4 were asked for"),
    ):
        create(NAME, weights=tmp_path / "grey.pth", in_chans=4)


@pytest.mark.parametrize("name", ["torchvision/googlenet", "timm/test_vit", "timm/test_resnet", "torchvision/vgg16"])
def test_other_families_take_other_channels(name: str) -> None:
    side = get(name).input_size[1]
    for channels in (1, 4):
        if name == "torchvision/vgg16":
            with torch.device("meta"):
                model, place = create(name, weights=None, in_chans=channels), "meta"
        else:
            model, place = create(name, weights=None, in_chans=channels), "cpu"
        with torch.no_grad():
            assert model(torch.zeros(2, channels, side, side, device=place)).shape[0] == 2


def test_a_small_file_that_holds_much_is_refused_before_it_is_inflated(
    tmp_path: Path, network: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.pth"
    torch.save({"conv1.weight": torch.zeros(2**24)}, tmp_path / "plain.pth")
    with zipfile.ZipFile(tmp_path / "plain.pth") as plain, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in plain.namelist():
            bomb.writestr(name, plain.read(name))
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was read"))
    monkeypatch.setattr(pickles, "LEAST_BYTES", 2**20)
    with pytest.raises(WeightsError, match=r"would inflate from .* to 64 MB, which no weights do"):
        create(NAME, weights=path)


def test_a_compressed_file_of_an_ordinary_size_is_read(tmp_path: Path, network: nn.Module) -> None:
    torch.save(network.state_dict(), tmp_path / "plain.pth")
    path = tmp_path / "packed.pth"
    with (
        zipfile.ZipFile(tmp_path / "plain.pth") as plain,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
    ):
        for name in plain.namelist():
            packed.writestr(name, plain.read(name))
    model = create(NAME, weights=path)
    assert torch.equal(model.get_parameter("conv1.weight"), network.get_parameter("conv1.weight"))


def test_safetensors_that_are_not_the_networks_are_never_read(tmp_path: Path, network: nn.Module) -> None:
    state = dict(network.state_dict()) | {"zeros": torch.zeros(1000, dtype=torch.uint8)}
    save_file(state, tmp_path / "mine.safetensors")
    with pytest.warns(ZooWarning, match=r"left out \(zeros\)"):
        model = create(NAME, weights=tmp_path / "mine.safetensors")
    assert torch.equal(model.get_parameter("fc.weight"), state["fc.weight"])
    save_file({"conv1.weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="of another shape"):
        create(NAME, weights=tmp_path / "other.safetensors")


class Planted:
    """Would make a file if it were unpickled freely, by one of the permitted names or beside them."""

    def __init__(self, function: Any, *words: Any) -> None:
        self.made = function, words

    def __reduce__(self) -> tuple[Any, ...]:
        return self.made


@pytest.mark.parametrize(
    "make",
    [
        lambda path: Planted(eval, f"open({str(path)!r}, 'w')"),
        lambda path: Planted(exec, f"open({str(path)!r}, 'w')"),
        lambda path: Planted(getattr, argparse.Namespace, "__class__"),
        lambda path: Planted(pathlib.Path.touch, pathlib.Path(path)),
        lambda path: Planted(np.save, str(path), np.zeros(1)),
        lambda path: Planted(open, str(path), "w"),
    ],
    ids=["eval", "exec", "getattr", "a method of a permitted type", "numpy's save", "open"],
)
def test_beside_what_is_permitted_nothing_runs(tmp_path: Path, make: Callable[[Path], Any]) -> None:
    content = {"state_dict": {"conv1.weight": torch.zeros(1)}, "args": ARGUMENTS, "more": make(tmp_path / "ran")}
    torch.save(content, tmp_path / "evil.pth")
    with pytest.raises(WeightsError, match="holds more than tensors"):
        create(NAME, weights=tmp_path / "evil.pth")
    assert not (tmp_path / "ran").exists()


def test_an_archive_of_code_is_said_to_be_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "traced.pt", "w") as archive:
        for name in ("code/__torch__.py", "data.pkl", "constants.pkl"):
            archive.writestr(f"traced/{name}", b"")
    with pytest.raises(WeightsError, match=r"traced\.pt: a TorchScript archive, which holds code and was not loaded"):
        create(NAME, weights=tmp_path / "traced.pt")


def test_permitted_objects_are_stand_ins_and_not_the_objects(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1), "args": ARGUMENTS, "at": np.float64(2)}, tmp_path / "mine.pth")
    content = pickles.read_pickle(tmp_path / "mine.pth")
    assert [type(content[key]).__module__ for key in ("args", "at")] == [pickles.__name__] * 2
    assert vars(content["args"]) == {}


def test_the_stand_ins_are_gone_after_a_file_was_read(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1), "args": ARGUMENTS}, tmp_path / "mine.pth")
    pickles.read_pickle(tmp_path / "mine.pth")
    assert not {name for _, name in pickles.STAND_INS} & {
        one[1] for one in torch.serialization.get_safe_globals() if isinstance(one, tuple)
    }

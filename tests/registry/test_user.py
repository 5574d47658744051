"""Models of the user's own, by decorator and by entry point."""

from __future__ import annotations

from importlib import metadata
from typing import Any

import pytest
import torch
from torch import nn

import zoo
from zoo.errors import ZooError
from zoo.registry import facts_cache, user


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "_REGISTERED", {})
    monkeypatch.setattr(user, "_LOADED", set())
    monkeypatch.setattr(facts_cache, "_COUNTED", {})


class Net(nn.Module):
    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.fc = nn.Linear(8, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.stem(x).mean((2, 3)))


def test_a_registered_model_is_like_any_other() -> None:
    zoo.register("mine/net", input_size=(3, 32, 32), licence="MIT")(Net)
    spec = zoo.get("mine/net")
    assert zoo.get("net") == spec
    assert (spec.params, spec.macs) == (3 * 8 * 9 + 8 * 1000 + 1000, 32 * 32 * 3 * 8 * 9 + 8 * 1000)
    assert spec.input_size == (3, 32, 32)
    assert "mine/net" in zoo.list_models("mine/*")
    images = torch.zeros(2, 3, 32, 32)
    assert zoo.create("mine/net", weights=None, num_classes=7)(images).shape == (2, 7)
    assert zoo.create("mine/net", weights=None, num_classes=0)(images).shape == (2, 8)


class Entry:
    name = "theirs/net"
    value = "their_package:Net"

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken

    def load(self) -> Any:
        if self.broken:
            raise ImportError("planted")
        return Net


def test_entry_points_bring_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "entry_points", lambda group: [Entry()] if group == "zoo.models" else [])
    assert zoo.get("theirs/net").family == "net"
    assert zoo.create("theirs/net", weights=None, num_classes=2)(torch.zeros(1, 3, 32, 32)).shape == (1, 2)


def test_a_broken_entry_point_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "entry_points", lambda group: [Entry(broken=True)])
    with pytest.raises(ZooError, match=r"entry point theirs/net \(their_package:Net\): ImportError: planted"):
        zoo.get("theirs/net")


@pytest.mark.parametrize("name", ["net", "timm/net", "mine/net.tag"])
def test_names_that_cannot_be_registered(name: str) -> None:
    with pytest.raises(ZooError, match="cannot register"):
        zoo.register(name)(Net)


def test_a_name_is_taken_once() -> None:
    zoo.register("mine/net")(Net)
    zoo.register("mine/net")(Net)  # the same again, as after a reload
    with pytest.raises(ZooError, match="that name is taken by"):
        zoo.register("mine/net")(lambda num_classes: Net(num_classes))

"""Weights made here are found, also those that come while a command runs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from zoo.registry import own_tags as module
from zoo.registry.own_tags import own_path, own_tags

CARD = {"sha256": 64 * "0", "input_size": 64, "classes": ["a"], "mean": [0.5], "std": [0.5], "licence": None}


def made(model: str, tag: str) -> Path:
    path = own_path(model, tag)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    path.with_suffix(".json").write_text(json.dumps(CARD))
    return path


def test_of_each_architecture_its_own() -> None:
    assert own_tags("torchvision/resnet18") == {}
    for model, tag in (
        ("resnet18", "b"),
        ("resnet18", "a"),
        ("resnet181", "c"),
        ("resnet1", "d"),
        ("resnet18.x", "e"),
    ):
        made(f"torchvision/{model}", tag)
    assert list(own_tags("torchvision/resnet18")) == ["a", "b", "x.e"]
    assert list(own_tags("torchvision/resnet18", {"a"})) == ["b", "x.e"]
    assert list(own_tags("timm/resnet18")) == []


def test_a_folder_is_listed_once_and_anew_when_it_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made("torchvision/resnet18", "a").parent
    os.utime(folder, (1e9, 1e9))
    assert list(own_tags("torchvision/resnet18")) == ["a"]
    with monkeypatch.context() as patch:
        patch.setattr(module, "Path", None)  # which a listing would need
        assert list(own_tags("torchvision/resnet18")) == ["a"]
        assert list(own_tags("torchvision/vgg16")) == []
    for tag in ("b", "c", "d"):  # faster than the clock of a file system may tick
        made("torchvision/resnet18", tag)
        assert tag in own_tags("torchvision/resnet18")

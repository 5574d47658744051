"""What a checkpoint itself says of its classes is found, wherever a script put it."""

from __future__ import annotations

import json
from argparse import Namespace
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from zoo.loading.kept_names import kept_class_names

STATE = {"fc.weight": torch.zeros(3, 2)}


@pytest.mark.parametrize(
    "content",
    [
        {"state_dict": STATE, "class_to_idx": {"cat": 1, "dog": 0, "emu": 2}},
        {"model": STATE, "classes": ["dog", "cat", "emu"], "epoch": 3},
        {"model": STATE, "classes": ("dog", "cat", "emu")},
        {"net": STATE, "idx_to_class": {0: "dog", 1: "cat", 2: "emu"}},
        {"state_dict": OrderedDict(STATE), "hyper_parameters": {"lr": 0.1, "class_names": ["dog", "cat", "emu"]}},
        {"state_dict": STATE, "classes": 3, "config": {"id2label": {"0": "dog", "1": "cat", "2": "emu"}}},
        {"state_dict": STATE, "args": Namespace(lr=1), "label2id": {"emu": 2, "cat": 1, "dog": 0}},
    ],
)
def test_names_are_found_in_every_place(tmp_path: Path, content: dict[str, Any]) -> None:
    torch.save(content, tmp_path / "net.pth")
    found = kept_class_names(tmp_path / "net.pth")
    assert found is not None
    assert found.names == ("dog", "cat", "emu")
    assert found.where.startswith("net.pth (")
    assert not found.binding


@pytest.mark.parametrize(
    "content",
    [STATE, {"state_dict": STATE, "classes": 3}, {"state_dict": STATE, "labels": [0, 1, 1, 0], "classes": []}],
)
def test_what_is_no_names_is_passed_over(tmp_path: Path, content: dict[str, Any]) -> None:
    torch.save(content, tmp_path / "net.pth")
    assert kept_class_names(tmp_path / "net.pth") is None


def test_the_metadata_of_safetensors_name_them(tmp_path: Path) -> None:
    file = tmp_path / "net.safetensors"
    save_file(STATE, file, {"class_to_idx": json.dumps({"cat": 1, "dog": 0}), "format": "pt"})
    found = kept_class_names(file)
    assert found is not None
    assert found.names == ("dog", "cat")
    save_file(STATE, file, {"format": "pt"})
    assert kept_class_names(file) is None

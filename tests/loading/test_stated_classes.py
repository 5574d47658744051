"""A checkpoint's classes are those that it, or a file beside it, states: not guessed where they are written down."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from zoo.errors import InputFileError
from zoo.loading.stated_classes import classes_of_checkpoint

STATE = {"a": torch.zeros(1)}


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.save(STATE, tmp_path / "best.pth")
    return tmp_path / "best.pth"


DESCRIBED = {"n1": "cat", "n2": "dog"}


@pytest.mark.parametrize(
    ("config", "others"),
    [
        ({"label_names": ["n2", "n1"], "label_descriptions": DESCRIBED}, ("dog", "cat")),
        ({"label_names": {"1": "n1", "0": "n2"}, "label_descriptions": DESCRIBED}, ("dog", "cat")),
        ({"pretrained_cfg": {"label_names": ["n2", "n1"], "label_descriptions": DESCRIBED}}, ("dog", "cat")),
        ({"pretrained_cfg": {"labels": ["n2", "n1"]}, "label_descriptions": {}}, ()),
        ({"label_descriptions": {"n2": "dog", "n1": "cat"}}, ("dog", "cat")),
    ],
)
def test_timms_config_names_the_classes(checkpoint: Path, config: dict[str, Any], others: tuple[str, ...]) -> None:
    (checkpoint.parent / "config.json").write_text(json.dumps({"architecture": "x"} | config))
    found = classes_of_checkpoint(checkpoint)
    assert found is not None
    assert (found.names, found.others, found.binding) == (("n2", "n1"), others, False)


def test_a_config_that_names_no_classes_or_names_one_twice(checkpoint: Path) -> None:
    assert classes_of_checkpoint(checkpoint) is None
    config = checkpoint.parent / "config.json"
    config.write_text(json.dumps({"architecture": "x", "label_names": None}))
    assert classes_of_checkpoint(checkpoint) is None
    config.write_text(json.dumps({"architecture": "x", "label_names": ["a", "a"]}))
    with pytest.raises(InputFileError, match=r"config\.json: 'a' is both class 0 and class 1"):
        classes_of_checkpoint(checkpoint)


@pytest.mark.parametrize(
    "beside",
    [
        {"class_to_idx": {"cat": 1, "ant": 2, "dog": 0}},
        {"class_to_idx": OrderedDict(dog=0, cat=1, ant=2), "classes": ["no", "such", "order"]},
        {"idx_to_class": {0: "dog", 1: "cat", 2: "ant"}},
        {"classes": ["dog", "cat", "ant"], "epoch": 3},
        {"classes": 3, "class_names": ("dog", "cat", "ant")},
        {"meta": {"CLASSES": ("dog", "cat", "ant")}},
        {"hyper_parameters": {"data": {"class_to_idx": {"dog": 0, "cat": 1, "ant": 2}}}},
        {"id2label": {"0": "dog", "1": "cat", "2": "ant"}},
        {"labels": ["dog", "cat", "dog"], "label_names": ["dog", "cat", "ant"]},  # first the labels of images
    ],
)
def test_what_a_script_saves_beside_the_tensors_is_the_order(tmp_path: Path, beside: dict[str, Any]) -> None:
    torch.save({"state_dict": STATE, **beside}, tmp_path / "best.pth")
    found = classes_of_checkpoint(tmp_path / "best.pth")
    assert found is not None
    assert (found.names, found.where, found.binding) == (("dog", "cat", "ant"), str(tmp_path / "best.pth"), False)


@pytest.mark.parametrize("beside", [{"classes": 3}, {"labels": [0, 1, 1]}, {"classes": ["a", "a"]}, {"names": ["a"]}])
def test_what_is_no_order_is_taken_for_none(tmp_path: Path, beside: dict[str, Any]) -> None:
    torch.save({"state_dict": STATE, **beside}, tmp_path / "best.pth")
    assert classes_of_checkpoint(tmp_path / "best.pth") is None


def test_an_order_that_is_none_is_one_line(tmp_path: Path) -> None:
    torch.save({"state_dict": STATE, "class_to_idx": {"cat": 1, "dog": 2}}, tmp_path / "best.pth")
    with pytest.raises(InputFileError, match=r"best\.pth: class_to_idx: indices must count from 0 .* 0 is left out"):
        classes_of_checkpoint(tmp_path / "best.pth")


def test_a_file_beside_goes_before_the_checkpoint_and_metadata_state_it_too(tmp_path: Path) -> None:
    path = tmp_path / "best.safetensors"
    save_file(STATE, path, metadata={"class_to_idx": '{"dog": 0, "cat": 1}', "format": "pt"})
    found = classes_of_checkpoint(path)
    assert found is not None
    assert found.names == ("dog", "cat")
    path.with_suffix(".json").write_text('{"class_to_idx": {"cat": 0, "dog": 1}}')
    found = classes_of_checkpoint(path)
    assert found is not None
    assert (found.names, found.where) == (("cat", "dog"), str(path.with_suffix(".json")))

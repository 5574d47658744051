"""An own checkpoint states its preprocessing or inherits the architecture's, and it is said which."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import zoo
from zoo.errors import ZooError

ARCHITECTURE = zoo.get("resnet18").preprocessing


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.save({"a": torch.zeros(1)}, tmp_path / "best.pth")
    return tmp_path / "best.pth"


def test_a_file_that_states_nothing_inherits(checkpoint: Path) -> None:
    spec = zoo.get("resnet18", weights=checkpoint)
    assert spec.preprocessing == ARCHITECTURE
    assert spec.preprocessing_from == "architecture"
    assert (spec.tag, spec.top1, spec.name) == (None, None, "torchvision/resnet18")
    assert zoo.get("resnet18").preprocessing_from == "tag"


def test_a_json_file_beside_states_it_and_the_rest_is_inherited(checkpoint: Path) -> None:
    stated = {"input_size": 96, "resize": 128, "mean": [0.5, 0.4, 0.3], "interpolation": "bicubic"}
    checkpoint.with_suffix(".json").write_text(json.dumps(stated))
    spec = zoo.get("resnet18", weights=str(checkpoint))
    pre = spec.preprocessing
    assert pre is not None
    assert ARCHITECTURE is not None
    assert (pre.crop, pre.resize, pre.interpolation) == (96, 128, "bicubic")
    assert pre.mean == (0.5, 0.4, 0.3)
    assert pre.std == ARCHITECTURE.std
    assert (spec.input_size, spec.preprocessing_from) == ((3, 96, 96), "checkpoint")


def test_timms_config_beside_a_file_states_it(checkpoint: Path) -> None:
    config = {"input_size": [3, 288, 288], "crop_pct": 0.95, "crop_mode": "squash", "std": [0.5], "mean": [0.5]}
    (checkpoint.parent / "config.json").write_text(json.dumps({"architecture": "x", "pretrained_cfg": config}))
    pre = zoo.get("resnet18", weights=checkpoint).preprocessing
    assert pre is not None
    assert (pre.crop, pre.resize, pre.crop_mode, pre.std) == (288, 303, "squash", (0.5, 0.5, 0.5))


def test_the_size_for_testing_is_taken_or_goes_with_the_size_it_belongs_to(checkpoint: Path) -> None:
    inherited = zoo.get("timm/resnet50").preprocessing
    assert inherited is not None
    assert inherited.test_crop == 288

    def of(**stated: Any) -> tuple[int, int]:
        checkpoint.with_suffix(".json").write_text(json.dumps(stated))
        pre = zoo.get("timm/resnet50", weights=checkpoint).preprocessing
        assert pre is not None
        tested = pre.at_test_size()
        return tested.crop, tested.resize

    assert of(test_input_size=[3, 320, 320], test_crop_pct=1.0, crop_pct=0.9) == (320, 320)
    assert of(test_input_size=256, test_crop_pct=0.5) == (256, 512)
    assert of(mean=[0.5, 0.5, 0.5]) == (288, inherited.at_test_size().resize)
    assert of(input_size=96, crop_pct=1.0) == (96, 96)


def test_a_config_of_another_program_is_left_alone(checkpoint: Path) -> None:
    config = checkpoint.parent / "config.json"
    for content in ({"architectures": ["Bert"], "std": 0.02, "mean": 7}, [1]):
        config.write_text(json.dumps(content))
        spec = zoo.get("resnet18", weights=checkpoint)
        assert (spec.preprocessing, spec.preprocessing_from) == (ARCHITECTURE, "architecture")
    config.write_text(json.dumps({"architecture": "resnet18", "mean": [0.5, 0.5, 0.5]}))  # timm's older, flat form
    assert zoo.get("resnet18", weights=checkpoint).preprocessing_from == "checkpoint"


def test_the_metadata_of_safetensors_state_it(tmp_path: Path) -> None:
    text = json.dumps({"input_size": 64})
    save_file({"a": torch.zeros(1)}, tmp_path / "x.safetensors", metadata={"preprocessing": text})
    spec = zoo.get("resnet18", weights=tmp_path / "x.safetensors")
    assert spec.preprocessing is not None
    assert (spec.preprocessing.crop, spec.preprocessing.resize) == (64, 73)
    assert spec.preprocessing_from == "checkpoint"


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("{", "cannot be read as JSON"),
        ("[1]", "cannot be read as JSON: not an object"),
        ({"input_size": 0}, "input_size must be a side in pixels"),
        ({"input_size": [3, 2, 1, 4.5]}, "input_size must be"),
        ({"input_size": 96, "resize": 64}, r"resize \(64\) is under input_size \(96\)"),
        ({"crop_pct": -1}, "crop_pct must be a number above 0"),
        ({"crop_pct": 87.5}, "crop_pct is a part of the resized image, at most 1, not 87.5"),
        ({"crop_fraction": 1.3}, "crop_fraction is a part of the resized image, at most 1"),
        ({"test_crop_pct": 100}, "test_crop_pct is a part of the resized image"),
        ({"test_input_size": [3, 0, 0]}, "test_input_size must be a side in pixels"),
        ({"mean": [123.675, 116.28, 103.53]}, r"mean is of pixels in 0..1, not 0..255: divide .* by 255"),
        ({"std": [58.4, 57.1, 57.4]}, "std is of pixels in 0..1, not 0..255: divide .* by 255"),
        ({"mean": [float("nan")] * 3}, "mean must be finite"),
        ({"std": [float("inf")] * 3}, "std must be finite"),
        ("[" * 100_000, "cannot be read as JSON"),
        ({"mean": [1, 2]}, "mean must be three numbers"),
        ({"std": [0, 1, 1]}, "std must be above 0"),
        ({"interpolation": "cubic"}, "unknown interpolation 'cubic': did you mean bicubic"),
        ({"crop_mode": "centre"}, "unknown crop mode 'centre': did you mean center"),
    ],
)
def test_a_statement_that_cannot_be_used_is_one_line(checkpoint: Path, stated: Any, said: str) -> None:
    beside = checkpoint.with_suffix(".json")
    beside.write_text(stated if isinstance(stated, str) else json.dumps(stated))
    with pytest.raises(ZooError, match=said) as caught:
        zoo.get("resnet18", weights=checkpoint)
    assert str(beside) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_such_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ZooError, match="there is no such file"):
        zoo.get("resnet18", weights=tmp_path / "absent.pth")

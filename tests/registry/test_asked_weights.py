"""Weights as people ask for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from torchvision.models import MobileNet_V2_Weights, ResNet18_Weights, ResNet50_Weights, ViT_B_16_Weights

from zoo.errors import ZooError
from zoo.registry.asked_weights import asked_weights
from zoo.sources.naming import DEFAULT, RANDOM

RESNET = "torchvision/resnet18"


@pytest.mark.parametrize(
    ("asked", "model", "meant"),
    [
        (True, RESNET, DEFAULT), ("DEFAULT", RESNET, DEFAULT), ("default", RESNET, DEFAULT),
        (False, RESNET, RANDOM), (None, RESNET, RANDOM), ("IMAGENET1K_V1", RESNET, "IMAGENET1K_V1"),
        (ResNet18_Weights.IMAGENET1K_V1, RESNET, "IMAGENET1K_V1"),
        (ResNet50_Weights.DEFAULT, "torchvision/resnet50", "IMAGENET1K_V2"),
        ("ResNet18_Weights.DEFAULT", RESNET, DEFAULT), ("ResNet18_Weights.IMAGENET1K_V1", RESNET, "IMAGENET1K_V1"),
        (MobileNet_V2_Weights.IMAGENET1K_V2, "torchvision/mobilenet_v2", "IMAGENET1K_V2"),
        (ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1, "torchvision/vit_b_16", "IMAGENET1K_SWAG_E2E_V1"),
        ("run/best.pth", RESNET, Path("run/best.pth")), ("best.pth", RESNET, Path("best.pth")),
    ],
)  # fmt: skip
def test_every_form_means_what_its_library_means(asked: Any, model: str, meant: Any) -> None:
    assert asked_weights(asked, [model]) == meant


def test_an_enum_of_another_model_is_one_line() -> None:
    for asked in (ResNet50_Weights.IMAGENET1K_V1, "ResNet50_Weights.IMAGENET1K_V1"):
        with pytest.raises(ZooError, match=r"ResNet50_Weights.IMAGENET1K_V1 are weights of another model than"):
            asked_weights(asked, [RESNET])
    with pytest.raises(ZooError, match="another model than timm/resnet18"):
        asked_weights(ResNet18_Weights.DEFAULT, ["timm/resnet18"])


@pytest.mark.parametrize("asked", [3, "", ["a"], 1.5])
def test_what_names_no_weights_is_one_line(asked: Any) -> None:
    with pytest.raises(ZooError, match="weights are a tag, True, None or the path of a checkpoint, not"):
        asked_weights(asked, [RESNET])


def test_a_name_without_an_ending_is_a_file_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert asked_weights("last") == "last"
    Path("last").touch()
    Path("random").touch()
    assert asked_weights("last") == Path("last")
    assert asked_weights("random") == "random"

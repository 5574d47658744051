"""Stages: every parameter outside the head in exactly one, shallow to deep, for both libraries."""

from __future__ import annotations

import pytest
import torch

from zoo.models.build import build_architecture, drop_auxiliary
from zoo.models.heads import classifier_parameters
from zoo.models.stages import stages
from zoo.registry.catalogue import get

CLASSICS = [
    "alexnet", "vgg16", "resnet18", "densenet161", "squeezenet1_0", "googlenet", "mobilenet_v2", "inception_v3",
]  # fmt: skip
OTHERS = [
    "timm/resnet18",
    "timm/vit_tiny_patch16_224",
    "timm/convnext_atto",
    "torchvision/vit_b_16",
    "regnet_y_400mf",
]


@pytest.mark.parametrize("name", [*CLASSICS, *OTHERS])
def test_every_parameter_is_in_one_stage_or_in_the_head(name: str) -> None:
    with torch.device("meta"):
        model = drop_auxiliary(build_architecture(get(name)))
    found = stages(model)
    assert len(found) >= 4
    names = [parameter for stage in found for parameter, _ in stage.parameters]
    head = [parameter for parameter, _ in classifier_parameters(model)]
    assert sorted([*names, *head]) == sorted(parameter for parameter, _ in model.named_parameters())
    assert all(stage.parameters for stage in found)


def test_stages_go_from_the_image_to_the_head() -> None:
    with torch.device("meta"):
        model = build_architecture(get("resnet18"))
    assert [stage.name for stage in stages(model)] == ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4"]

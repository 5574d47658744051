"""Every tensor of an EfficientNet has one other name, and what is no EfficientNet has none."""

from __future__ import annotations

import pytest
import timm
import torch

from zoo.sources.efficientnet_names import MARK, others_of


@pytest.mark.parametrize("name", ["tf_efficientnet_lite0", "tf_efficientnet_b0"])
def test_names_are_one_for_one(name: str) -> None:
    with torch.device("meta"):
        wanted = list(timm.create_model(name).state_dict())
    found = others_of(wanted)
    assert list(found.values()) == wanted
    assert all(other.startswith(MARK) for other in found)
    # A block that does not widen its channels has its point-wise convolution last, where others have it first.
    assert found["_blocks.0._project_conv.weight"] == "blocks.0.0.conv_pw.weight"
    assert found["_blocks.1._expand_conv.weight"] == "blocks.1.0.conv_pw.weight"
    assert found["_blocks.2._bn2.bias"] == "blocks.1.1.bn3.bias"
    assert found["_fc.bias"] == "classifier.bias"


@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet_evos", "test_vit"])
def test_others_keep_their_names(name: str) -> None:
    with torch.device("meta"):
        assert others_of(timm.create_model(name).state_dict()) == {}

"""Every classic can be built with any head, and one tensor comes out of it, in train mode too."""

from __future__ import annotations

import pytest
import torch

from zoo.models.create import create
from zoo.models.heads import replace_head
from zoo.models.input_size import KNOWN, default_input_size, search

LIGHT = ["alexnet", "resnet18", "squeezenet1_0", "googlenet", "mobilenet_v2"]


@pytest.mark.parametrize("name", LIGHT)
def test_a_new_head_changes_nothing_else(name: str) -> None:
    model = create(name, weights=None)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    side = default_input_size(f"torchvision/{name}")
    images = torch.randn(2, 3, side, side)
    replace_head(model, 7)
    assert model(images).shape == (2, 7)
    assert model.train()(images).shape == (2, 7)
    after = create(name, weights=None, num_classes=7).state_dict()
    changed = [k for k, v in model.state_dict().items() if k in before and before[k].shape != v.shape]
    assert set(after) == set(model.state_dict())
    assert len(changed) <= 2
    assert create(name, weights=None, num_classes=0)(images).ndim == 2


@pytest.mark.parametrize("full", sorted(KNOWN))
def test_the_known_smallest_sizes_are_what_the_search_finds(full: str) -> None:
    assert KNOWN[full] == search(full)

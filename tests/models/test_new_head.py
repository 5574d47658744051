"""A new head can learn from its first step, whatever follows it."""

from __future__ import annotations

import pytest
import torch

from zoo.loading.create import create


@pytest.mark.parametrize("seed", range(4))
def test_every_class_of_squeezenets_new_head_has_a_gradient(seed: int) -> None:
    torch.manual_seed(seed)
    model = create("torchvision/squeezenet1_0", weights=None, num_classes=7).eval()
    images = torch.randn(4, 3, 64, 64)
    logits = model(images)
    torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1, 2, 3])).backward()
    gradients = model.classifier[1].bias.grad
    assert bool((gradients.abs() > 0).all())
    assert float(logits.detach().min()) > 0

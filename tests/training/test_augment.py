"""Training images are changed as torchvision changes them, only faster."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchvision.transforms import v2

from zoo.training.augment import ASPECT, LEAST_AREA, augment


@pytest.mark.parametrize("kind", ["standard", "trivial"])
def test_the_changes_are_those_of_torchvision_to_the_bit(kind: str) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (6, 40, 40, 3), dtype=np.uint8)
    batch = torch.from_numpy(pixels).permute(0, 3, 1, 2)
    changes = [v2.RandomResizedCrop(32, scale=(LEAST_AREA, 1.0), ratio=ASPECT), v2.RandomHorizontalFlip()]
    changes += [v2.TrivialAugmentWide()] if kind == "trivial" else []
    found = augment(batch, kind, 32, 0.0, torch.Generator().manual_seed(5))
    seed = int(torch.randint(0, 2**31, (), generator=torch.Generator().manual_seed(5)))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        expected = torch.stack([v2.Compose(changes)(image) for image in batch])
    assert torch.equal(found, expected)
    assert not torch.equal(found[0], augment(batch, kind, 32, 0.0, torch.Generator().manual_seed(6))[0])
    assert found.is_contiguous(memory_format=torch.channels_last)  # as the network's input will be

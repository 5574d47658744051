"""Every classic can be built with any head, and one tensor comes out of it, in train mode too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tests.sources.toys import Toy, Toys
from zoo.loading.create import create
from zoo.models.heads import replace_head
from zoo.models.input_size import KNOWN, default_input_size, search
from zoo.sources import SOURCES

SOURCES.unregister("toys")  # importing its module registered it, and other tests go without

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


class Sided(Toy):
    """A network with a head for training, which would give two tensors."""

    def __init__(self) -> None:
        super().__init__(4, 10)
        self.side: nn.Linear | None = nn.Linear(4, 10)

    def forward(self, images: torch.Tensor) -> Any:
        scores = super().forward(images)
        return scores if self.side is None else (scores, self.side(self.stem(images).mean((2, 3))))


def test_a_sources_own_training_heads_are_left_out_as_torchvisions_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sided = Toys()
    monkeypatch.setattr(sided, "build", lambda *asked: Sided())
    monkeypatch.setattr(sided, "auxiliary", ("side",), raising=False)
    SOURCES.register("toys", sided)
    try:
        images = torch.zeros(2, 3, 32, 32)
        assert create("toys/tiny", weights=None)(images).shape == (2, 10)
        stated = {key: value + 1 for key, value in Sided().state_dict().items()}
        for kept in (stated, {key: value for key, value in stated.items() if not key.startswith("side")}):
            torch.save(kept, tmp_path / "own.pth")
            model = create("toys/tiny", weights=tmp_path / "own.pth")
            assert torch.equal(model.state_dict()["top.weight"], stated["top.weight"])
            assert model(images).shape == (2, 10)
    finally:
        SOURCES.unregister("toys")

"""A lazy model of the user's is like any other: counted, built with weights to train, and given another head."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import zoo
from zoo.registry import facts
from zoo.sources import user
from zoo.sources.counting import count
from zoo.sources.lazy import is_lazy, shaped


def lazy(num_classes: int = 1000) -> nn.Module:
    return nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(num_classes))


def test_a_lazy_model_is_listed_and_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "_REGISTERED", {})
    monkeypatch.setattr(facts, "_COUNTED", {})
    user.add("mine/lazy", lazy, (3, 16, 16))
    spec = zoo.get("mine/lazy")
    assert (spec.params, spec.macs) == (4 * 27 + 4 + 8 + 784 * 1000 + 1000, 4 * 27 * 14 * 14 + 784 * 1000)
    model = zoo.create("mine/lazy", weights=None, num_classes=5)
    assert not is_lazy(model)
    assert model(torch.zeros(2, 3, 16, 16)).shape == (2, 5)


def test_giving_shapes_leaves_statistics_and_the_mode_alone() -> None:
    model = shaped(lazy(), (3, 16, 16))
    assert model.training
    assert isinstance(model[1], nn.BatchNorm2d)
    assert model[1].running_mean is not None
    assert model[1].running_mean.abs().max() == 0
    assert shaped(model, (1, 1, 1)) is model  # not called again


def test_a_lazy_model_that_fails_has_no_counts_and_a_reason() -> None:
    class Fails(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.LazyLinear(3)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("planted")

    found = count(Fails, (3, 8, 8))
    assert (found.params, found.macs) == (None, None)
    assert found.reason

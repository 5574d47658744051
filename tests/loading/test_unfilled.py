"""While one thread builds a module without filling it, the modules of other threads are what they always are."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torchvision
from torch import nn

from zoo.loading.unfilled import build_filled
from zoo.sources.torchvision import SOURCE


def elsewhere(work: Callable[[], Any]) -> Any:
    """What ``work`` returns in another thread, while this one waits in the middle of what it does."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_another_threads_modules_are_filled_and_share_nothing() -> None:
    shared = torch.ones(3)
    seen: list[tuple[bool, bool, bool]] = []

    def other() -> tuple[bool, bool, bool]:
        layer = nn.Linear(4, 4)
        state = {key: torch.ones_like(value) for key, value in layer.state_dict().items()}
        layer.load_state_dict(state)
        return layer.weight.is_meta, layer.weight is state["weight"], copy.deepcopy(shared) is shared

    def make() -> nn.Module:
        model = nn.Linear(2, 2)
        assert model.weight.is_meta
        assert copy.deepcopy(shared) is shared
        seen.append(elsewhere(other))
        model.load_state_dict({"weight": torch.ones(2, 2), "bias": torch.zeros(2)})
        return model

    model = build_filled(make, [shared])
    assert torch.equal(model.get_parameter("weight"), torch.ones(2, 2))
    assert seen == [(False, False, False)]


def test_a_regnet_on_the_meta_device_leaves_other_threads_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = torchvision.models.get_model
    seen: list[nn.Module] = []

    def get_model(name: str, **named: Any) -> nn.Module:
        seen.append(elsewhere(lambda: nn.BatchNorm1d(3)))
        model: nn.Module = usual(name, **named)
        return model

    monkeypatch.setattr(torchvision.models, "get_model", get_model)
    with torch.device("meta"):
        model = SOURCE.build("regnet_y_400mf")
    assert all(tensor.is_meta for tensor in (*model.parameters(), *model.buffers()))
    assert not any(tensor.is_meta for tensor in (*seen[0].parameters(), *seen[0].buffers()))

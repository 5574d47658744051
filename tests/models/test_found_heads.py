"""The head of a user's model is what changes with the number of classes, or what gives the output its width."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import zoo
from zoo.errors import ZooError
from zoo.models.heads import classifier_parameters, replace_head
from zoo.registry import facts as facts_cache
from zoo.sources import user


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "_REGISTERED", {})
    monkeypatch.setattr(facts_cache, "_COUNTED", {})


class Hidden(nn.Module):
    """A hidden layer stands where heads usually do."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.fc = nn.Linear(8, 8)
        self.classifier = nn.Linear(8, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.fc(self.stem(x).mean((2, 3))))


class Deaf(Hidden):
    """Takes ``num_classes`` and does nothing with it."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        del num_classes


class Tail(nn.Module):
    """A head of two layers, neither of which has a usual name, the first as wide as the number of classes asks."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.body = nn.Linear(3, 5)
        self.squeeze = nn.Linear(5, 2 * num_classes)
        self.last = nn.Linear(2 * num_classes, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.squeeze(self.body(x.mean((2, 3)))))


class Cosine(nn.Module):
    def __init__(self, width: int, num_classes: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_classes, width))
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scale * nn.functional.linear(x, self.weight)


class Custom(nn.Module):
    """A head that is no layer of torch's, on a body that cannot be built on the meta device."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 6)
        self.start = float(self.fc.weight.sum().item())
        self.mine = Cosine(6, num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mine(self.fc(x.mean((2, 3))))


class Loose(nn.Module):
    """The classifier is a parameter of the model itself."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 6)
        self.matrix = nn.Parameter(torch.zeros(num_classes, 6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(self.fc(x.mean((2, 3))), self.matrix)


CASES = [
    (Hidden, 8, ["classifier.weight", "classifier.bias"]),
    (Deaf, 8, ["classifier.weight", "classifier.bias"]),
    (Tail, 5, ["squeeze.weight", "squeeze.bias", "last.weight", "last.bias"]),
    (Custom, 6, ["mine.weight", "mine.scale"]),
]


@pytest.mark.parametrize(("constructor", "width", "head"), CASES)
def test_the_head_is_told_from_hidden_layers(
    constructor: Callable[..., nn.Module], width: int, head: list[str]
) -> None:
    zoo.register("mine/net", input_size=(3, 32, 32))(constructor)
    images = torch.zeros(2, 3, 32, 32)
    assert zoo.create("mine/net", weights=None, num_classes=0)(images).shape == (2, width)
    for classes in (3, 12):
        model = zoo.create("mine/net", weights=None, num_classes=classes)
        assert model(images).shape == (2, classes)
        assert [name for name, _ in classifier_parameters(model)] == head
        assert replace_head(model, 9)(images).shape == (2, 9)
        assert classifier_parameters(replace_head(model, 0)) == []


def test_finding_a_head_draws_no_random_numbers() -> None:
    zoo.register("mine/net", input_size=(3, 32, 32))(Custom)
    zoo.get("mine/net")
    torch.manual_seed(0)
    plain = Custom(num_classes=3).state_dict()
    after = torch.get_rng_state()
    torch.manual_seed(0)
    model = zoo.create("mine/net", weights=None, num_classes=3)
    assert classifier_parameters(model)
    assert all(torch.equal(plain[key], value) for key, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), after)


def test_a_model_that_was_never_registered_is_tried() -> None:
    model = Hidden(num_classes=4)
    assert [name for name, _ in classifier_parameters(model)] == ["classifier.weight", "classifier.bias"]


def test_a_head_that_is_no_layer_can_be_trained_and_not_taken_off() -> None:
    zoo.register("mine/loose", input_size=(3, 32, 32))(Loose)
    model = zoo.create("mine/loose", weights=None, num_classes=4)
    assert [name for name, _ in classifier_parameters(model)] == ["matrix"]
    with pytest.raises(ZooError, match=r"the head of mine/loose is a parameter of its own \(matrix\)"):
        zoo.create("mine/loose", weights=None, num_classes=0)


def test_a_head_that_cannot_be_told_is_one_line() -> None:
    class Summed(Hidden):
        def __init__(self, num_classes: int = 1000) -> None:
            super().__init__()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x).sum(1, keepdim=True).expand(-1, 1000)

    zoo.register("mine/summed", input_size=(3, 32, 32))(Summed)
    with pytest.raises(ZooError, match="cannot tell the head of mine/summed: ") as caught:
        zoo.create("mine/summed", weights=None, num_classes=0)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_of_a_model_that_cannot_be_built_on_the_meta_device_is_loaded(tmp_path: Path) -> None:
    zoo.register("mine/custom", input_size=(3, 32, 32))(Custom)
    model = zoo.create("mine/custom", weights=None, num_classes=5)
    torch.save(model.state_dict(), tmp_path / "mine.pth")
    loaded = zoo.create("mine/custom", weights=tmp_path / "mine.pth", num_classes=5)
    assert torch.equal(loaded.mine.weight, model.mine.weight)
    assert loaded(torch.zeros(1, 3, 32, 32)).shape == (1, 5)

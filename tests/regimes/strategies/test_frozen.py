"""Frozen means frozen: what a strategy does not train differs by no bit afterwards."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from tests.training.test_trainer import images_of
from zoo.loading.create import create
from zoo.models.heads import classifier_parameters
from zoo.regimes.strategies import STRATEGIES
from zoo.regimes.strategies.finetuning import FineTuning
from zoo.training.images import Transform
from zoo.training.openings import grouped_stages
from zoo.training.recipe import Recipe
from zoo.training.trainer import Trainer

MODELS = ("timm/test_resnet", "timm/test_vit", "timm/test_convnext", "torchvision/squeezenet1_0")
STEPS = (
    "norm_only",
    "bias_only",
    "partial(1)",
    "partial(2)",
    "full",
    "lp_ft",
    "layer_decay(0.5)",
    "lora(2)",
    "scratch",
)

TRAINED: dict[str, Any] = {
    "norm_only": lambda name, module: "norm" in type(module).__name__.lower(),
    "bias_only": lambda name, module: name.endswith(".bias"),
    "full": lambda name, module: True,
    "lp_ft": lambda name, module: True,
    "layer_decay(0.5)": lambda name, module: True,
    "lora(2)": lambda name, module: ".lora_" in name,
    "scratch": lambda name, module: True,
}


def opened(model: str, strategy: str) -> Any:
    way = STRATEGIES.get(strategy).run
    assert isinstance(way, FineTuning)
    torch.manual_seed(0)
    return way.opening(create(model, weights=None, num_classes=2), Recipe(batch=20))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("strategy", STEPS)
def test_nothing_else_changes(model: str, strategy: str) -> None:
    found = opened(model, strategy)
    before = {name: value.clone() for name, value in found.model.state_dict().items()}
    trainer = Trainer(
        found, images_of(20, 64), torch.arange(20) % 2, transform=Transform(64), recipe=Recipe(batch=20),
        steps=2, rate=1e-2, seed=0,
    )  # fmt: skip
    done = trainer.go()
    changed = {name for name, value in found.model.state_dict().items() if not torch.equal(value, before[name])}
    buffers = {name for name, _ in found.model.named_buffers()}
    assert changed - buffers <= set(found.factors)
    learnt = changed - buffers
    assert learnt, "nothing was trained"
    assert {name for name, _ in classifier_parameters(found.model)} & learnt
    if done.batch_norm == "eval":
        assert not changed & buffers
    if done.batch_norm == "train, eval in frozen stages":
        still = tuple(f"{name}." for name in found.still)
        assert not {name for name in changed & buffers if name.startswith(still)}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("strategy", TRAINED)
def test_what_is_trained_is_what_the_strategy_says(model: str, strategy: str) -> None:
    found = opened(model, strategy)
    modules = dict(found.model.named_modules())
    head = {name for name, _ in classifier_parameters(found.model)}
    for name, _ in found.model.named_parameters():
        wanted = name in head or TRAINED[strategy](name, modules[name.rpartition(".")[0]])
        assert (name in found.factors) == wanted, name
    assert found.trained_params == sum(p.numel() for n, p in found.model.named_parameters() if n in found.factors)


@pytest.mark.parametrize("model", MODELS)
def test_stages_hold_every_parameter_once_and_deeper_ones_learn_faster(model: str) -> None:
    network = create(model, weights=None, num_classes=2)
    groups = grouped_stages(network)
    assert len(groups) > 1
    head = {name for name, _ in classifier_parameters(network)}
    names = [name for group in groups for stage in group for name, _ in stage.parameters]
    assert sorted([*names, *head]) == sorted(name for name, _ in network.named_parameters())
    factors = opened(model, "layer_decay(0.5)").factors
    of_groups = [factors[group[0].parameters[0][0]] for group in groups]
    assert of_groups == [0.5 ** (len(groups) - 1 - depth) for depth in range(len(groups))]
    last = {name for stage in groups[-1] for name, _ in stage.parameters}
    assert set(opened(model, "partial(1)").factors) == last | head


def test_what_starts_from_the_classifier_keeps_the_statistics_of_its_features() -> None:
    found = opened("timm/test_resnet", "lp_ft")
    assert found.set_mode(20, Recipe(batch=20)) == "eval"
    assert STRATEGIES.get("lp_ft").batch_norm == "eval"
    assert opened("timm/test_resnet", "full").set_mode(20, Recipe(batch=20)) == "train"


def test_a_user_model_that_loads_weights_is_drawn_anew() -> None:
    from zoo.models.random_start import fixed_line, fresh

    class Loaded(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)
            nn.init.constant_(self.conv.weight, 0.5)
            self.table = nn.Parameter(torch.arange(4.0))
            self.scale = nn.Parameter(torch.ones(4))

    torch.manual_seed(0)
    model, fixed = fresh(Loaded)
    assert fixed == ("table",)
    assert model.get_parameter("conv.weight").std() > 0
    assert (
        fixed_line(fixed) == "no random start: the model's constructor gives table the same values whatever the seed"
    )
    assert fixed_line(()) == ""

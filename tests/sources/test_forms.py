"""The deployed form: the same outputs, with branches and batch norms in the convolutions."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import zoo
from zoo.errors import UnknownNameError, ZooError
from zoo.sources.counting import count
from zoo.sources.forms import deploy, is_rounding, relative_difference

PLAIN = ["alexnet", "vgg16", "squeezenet1_0"]
FOLDED = {
    "resnet18": (20, 0), "densenet161": (79, 82), "googlenet": (57, 0), "mobilenet_v2": (52, 0),
    "inception_v3": (94, 0),
    "timm/tf_efficientnet_lite0": (49, 0), "timm/mobilenetv4_conv_small": (46, 0), "timm/resnetv2_50": (32, 17),
    "timm/vit_tiny_patch16_224": (0, 0), "timm/convnext_atto": (0, 0),
}  # fmt: skip
"""Batch norms that go into a convolution, and that stay, of models that their libraries fuse nothing of."""

FAMILIES = [
    "mobileone_s0", "repvgg_a0", "repvit_m0_9", "fastvit_t8", "ghostnetv3_100", "repghostnet_050", "levit_128s",
    "shvit_s1", "efficientvit_m0",
]  # fmt: skip
"""Those of timm with branches, or batch norms, that the library itself fuses."""


def lively(model: nn.Module) -> nn.Module:
    """A model whose batch norms change what they are given, as trained ones do."""
    generator = torch.Generator().manual_seed(1)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d) and module.running_mean is not None:
            module.running_mean.normal_(0, 0.1, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
            if module.affine:
                nn.init.uniform_(module.weight, 0.5, 1.5, generator=generator)
                nn.init.normal_(module.bias, 0, 0.1, generator=generator)
    return model.eval()


def built(name: str) -> nn.Module:
    torch.manual_seed(0)
    return lively(zoo.create(name, weights=None))


def norms(model: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in model.modules())


@pytest.mark.parametrize("name", [*FOLDED, *(f"timm/{name}" for name in FAMILIES)])
def test_outputs_are_those_of_the_trained_form(name: str) -> None:
    model = built(name)
    before = sum(parameter.numel() for parameter in model.parameters())
    side = zoo.get(name).input_size[1] if name.startswith("timm/") else 96
    images = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        wanted = model(images)
    found = deploy(model, images[:1])
    with torch.inference_mode():
        after = found.model(images)
    assert found.difference < 1e-5
    assert relative_difference(after, wanted) < 1e-5
    assert found.model is model
    assert (found.folded, norms(model)) == FOLDED.get(name, (found.folded, 0))
    assert (found.fused > 0) == (name not in FOLDED)
    now = sum(parameter.numel() for parameter in model.parameters())
    assert now < before or found.fused + found.folded == 0


@pytest.mark.parametrize("name", PLAIN)
def test_the_classics_without_batch_norm_have_one_form(name: str) -> None:
    with torch.device("meta"):
        model = zoo.create(name, weights=None)
        before = dict(model.named_modules())
        found = deploy(model, torch.zeros(1, 3, 224, 224))
    assert (found.fused, found.folded) == (0, 0)
    assert dict(found.model.named_modules()) == before
    assert math.isnan(found.difference)


class Twice(nn.Module):
    """A convolution whose output a batch norm takes, and something else."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way
        self.conv = nn.Conv2d(3, 3, 1)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        if self.way == "skip":
            return self.norm(y) + y
        if self.way == "between":
            return self.norm(functional.relu(y))
        if self.way == "shared convolution":
            return self.norm(self.conv(y))
        if self.way == "shared norm":
            return self.norm(self.norm(y))
        if self.way == "view":
            return self.norm(y) + y.flatten(2).mean()
        if self.way == "weight":
            return self.norm(y) + self.conv.weight.sum()
        return self.norm(y)


@pytest.mark.parametrize(
    ("way", "folded"),
    [
        ("alone", 1), ("skip", 0), ("between", 0), ("shared convolution", 0), ("shared norm", 0), ("view", 0),
        ("weight", 0),
    ],
)  # fmt: skip
def test_what_something_else_takes_stays(way: str, folded: int) -> None:
    torch.manual_seed(0)
    model = lively(Twice(way))
    images = torch.randn(1, 3, 8, 8)
    before = model(images)
    found = deploy(model, images)
    assert found.folded == folded
    assert relative_difference(model(images), before) < 1e-5


def test_a_batch_norm_by_the_batch_stays() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, track_running_stats=False)).eval()
    assert deploy(model, torch.randn(2, 3, 8, 8)).folded == 0


class Wrong(nn.Module):
    """A block whose own fusion changes what it gives."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale

    def reparameterize(self) -> None:
        self.scale.data *= 1.01


def test_a_form_of_other_outputs_is_refused() -> None:
    with pytest.raises(ZooError, match=r"relative difference 0\.01, at most 0\.001"):
        deploy(nn.Sequential(Wrong()).eval(), torch.randn(1, 3, 8, 8))


class Chaotic(nn.Module):
    """A convolution and its batch norm, the last bits of whose outputs are most of what this gives."""

    def __init__(self, gain: float) -> None:
        super().__init__()
        self.conv, self.norm, self.gain = nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3), gain

    def forward(self, x: Tensor) -> Tensor:
        return torch.sin(self.gain * self.norm(self.conv(x)))


def test_a_difference_of_the_size_that_rounding_makes_is_none_of_the_form() -> None:
    torch.manual_seed(0)
    images = torch.randn(2, 3, 16, 16)
    found = deploy(lively(Chaotic(3e6)), images)
    assert found.folded == 1
    assert found.difference > 0.1
    with pytest.raises(ZooError, match="other outputs"):  # its fusion takes more than the last bits
        deploy(nn.Sequential(Wrong(), lively(Chaotic(1e3))).eval(), images)


@pytest.mark.parametrize(("difference", "is_one"), [(3.9e-3, True), (4.1e-3, False), (math.inf, False)])
def test_rounding_is_what_the_last_bits_of_images_do(difference: float, is_one: bool) -> None:
    images = torch.rand(2, 3, 4, 4) + 1

    def call(given: Tensor) -> Tensor:
        ulps = (given - images) / (torch.nextafter(images, images + 1) - images)
        assert ulps.abs().max() <= 2  # below a power of two they are half as wide
        return torch.ones(2) * (1 + 1e-3 * float(not torch.equal(given, images)))

    assert is_rounding(difference, call, images) == is_one


def test_differences_are_over_the_largest_value() -> None:
    one = torch.tensor([1.0, -4.0])
    assert relative_difference(one, one) == 0.0
    assert relative_difference(one + torch.tensor([0.0, 0.4]), one) == pytest.approx(0.1)
    assert relative_difference(torch.tensor([1.0, math.inf]), one) == math.inf
    assert relative_difference(torch.zeros(3), one) == math.inf
    assert relative_difference(one, torch.zeros(2)) == math.inf
    assert relative_difference(torch.zeros(2), torch.zeros(2)) == 0.0
    assert math.isnan(relative_difference((one,), one))


def test_it_is_counted_on_the_meta_device() -> None:
    def mobileone() -> nn.Module:
        model = zoo.create("timm/mobileone_s0", weights=None)
        side = zoo.get("timm/mobileone_s0").input_size[1]
        return deploy(model, torch.zeros(1, 3, side, side, device=next(model.parameters()).device)).model

    found = count(mobileone, (3, 224, 224))
    assert found.params == 2_078_504
    assert found.macs is not None
    assert found.macs / 1e9 == pytest.approx(0.28, abs=0.01)  # 1.05 with its branches


@pytest.mark.parametrize(
    ("name", "more"),
    [("resnet18", {}), ("timm/mobileone_s0", {"num_classes": 0}), ("resnet18", {"in_chans": 1, "num_classes": 3})],
)
def test_create_gives_the_form_that_is_asked_for(name: str, more: dict[str, Any]) -> None:
    torch.manual_seed(0)
    trained = zoo.create(name, weights=None, **more)
    torch.manual_seed(0)
    deployed = zoo.create(name, weights=None, form="deployed", **more)
    assert norms(trained) > 0
    assert norms(deployed) == 0
    assert not deployed.training
    images = torch.randn(1, more.get("in_chans", 3), 224, 224)
    with torch.inference_mode():
        assert relative_difference(deployed(images), trained(images)) < 1e-5


def test_an_unknown_form_has_its_line() -> None:
    with pytest.raises(UnknownNameError, match=r"'deploied'.*permitted: deployed, trained"):
        zoo.create("resnet18", weights=None, form="deploied")


def test_whoever_asks_may_be_in_inference_mode() -> None:
    with torch.inference_mode():
        deployed = zoo.create("resnet18", weights=None, form="deployed")
    assert norms(deployed) == 0

"""A head that is a classifier on frozen features gives its logits; one that cannot be is left as it was."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.training.test_trainer import images_of
from zoo.loading.create import create
from zoo.regimes.features import compute
from zoo.regimes.probes import PROBES
from zoo.training.heads import take_classifier
from zoo.training.images import Transform
from zoo.training.trainer import probabilities

IMAGES, LABELS = images_of(24, 64), torch.arange(24) % 3
TRANSFORM = Transform(64)


def probed(model: str, probe: str = "ridge", precision: str = "fp32") -> tuple[Any, torch.Tensor, Any]:
    """A network with a new head, features that it would read, and the probe on them."""
    torch.manual_seed(0)
    network = create(model, weights=None, num_classes=3)
    bare = create(model, weights=None, num_classes=0)
    bare.load_state_dict(network.state_dict(), strict=False)
    features = compute(bare, IMAGES, TRANSFORM, precision=precision)
    return network, features, PROBES.get(probe)(features, LABELS, features, 3)


def take(network: Any, features: torch.Tensor, found: Any, precision: str = "fp32") -> bool:
    return take_classifier(
        network, *found.head, images=IMAGES, features=features, transform=TRANSFORM, precision=precision
    )


@pytest.mark.parametrize("probe", ["ridge", "logistic"])
@pytest.mark.parametrize(
    "model",
    [
        "timm/test_resnet",
        "timm/test_vit",
        "timm/test_convnext",
        "torchvision/mobilenet_v2",
        "torchvision/squeezenet1_0",
    ],
)
def test_the_network_predicts_what_the_probe_does(model: str, probe: str) -> None:
    network, features, found = probed(model, probe)
    assert take(network, features, found)
    assert torch.allclose(probabilities(network, IMAGES, TRANSFORM), found.probabilities, atol=1e-3)


def test_in_bf16_it_does_as_nearly_as_that_is() -> None:
    network, features, found = probed("timm/test_resnet", precision="bf16")
    assert take(network, features, found, "bf16")
    assert torch.allclose(probabilities(network, IMAGES, TRANSFORM, "bf16"), found.probabilities, atol=0.05)


class Doubled(torch.nn.Module):
    """A head that does more than multiply and add."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = torch.nn.Conv2d(3, 6, 3), torch.nn.Linear(6, 3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = 2 * self.fc(self.conv(images).mean(dim=(2, 3)))
        return out


def test_a_head_that_does_more_or_is_two_is_left_as_it_was() -> None:
    distilled = create("timm/deit_tiny_distilled_patch16_224", weights=None, num_classes=3)
    for network, images, side, width in ((distilled, images_of(24, 224), 224, 192), (Doubled(), IMAGES, 64, 6)):
        before = [parameter.clone() for parameter in network.parameters()]
        features = (
            network.conv(torch.zeros(24, 3, 8, 8)).mean(dim=(2, 3)).detach() if width == 6 else torch.ones(24, 192)
        )
        weight, bias = torch.randn(3, width), torch.randn(3)
        given = {"images": images, "features": features, "transform": Transform(side)}
        assert not take_classifier(network, weight, bias, **given)
        assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))


def test_features_of_another_network_are_noticed() -> None:
    network, features, found = probed("timm/test_resnet")
    assert not take(network, features + 1.0, found)
    assert take(network, features, found)


@pytest.mark.parametrize("probe", ["ridge", "logistic"])
@pytest.mark.parametrize("classes", [(0, 1), (0, 2, 3)])
def test_a_probes_weights_give_its_probabilities(probe: str, classes: tuple[int, ...]) -> None:
    """Of two classes too, and where one has no sample."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.tensor(classes).repeat(10)
    features = 5 + 3 * torch.randn(len(labels), 6, generator=generator) + labels[:, None]
    found = PROBES.get(probe)(features, labels, features, max(classes) + 1)
    weight, bias = found.head
    shares = (features.double() @ weight.double().T + bias.double()).softmax(dim=1)
    assert torch.allclose(shares.float(), found.probabilities, atol=1e-3)

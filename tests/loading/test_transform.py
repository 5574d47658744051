"""The transform of photographs: the weights' own, at any side, of any kind of image."""

from __future__ import annotations

import pytest
import torch
from PIL import Image
from torch import nn

import zoo
from zoo.models.transform import build_transform


@pytest.fixture
def image() -> Image.Image:
    pixels = torch.randint(0, 256, (260, 300, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return Image.fromarray(pixels.numpy())


def test_it_is_that_of_the_weights(image: Image.Image) -> None:
    for name, weights in (("timm/resnet50", "a1_in1k"), ("timm/tf_efficientnet_lite0", "packaged")):
        stated = zoo.get(f"{name}.{weights}").preprocessing
        assert stated is not None
        expected = build_transform(stated)(image)
        assert torch.equal(zoo.image_transform(name, weights)(image), expected)
        assert torch.equal(zoo.image_transform(f"{name}.{weights}")(image), expected)
        assert expected.dtype == torch.float32


def test_another_side_keeps_the_proportion(image: Image.Image) -> None:
    stated = zoo.get("torchvision/resnet18").preprocessing
    assert stated is not None
    found = zoo.image_transform("resnet18", input_size=96)(image)
    assert found.shape == (3, 96, 96)
    assert torch.equal(found, build_transform(stated, 96)(image))


def test_other_images_than_rgb_are_made_so(image: Image.Image) -> None:
    transform = zoo.image_transform("resnet18", weights=None)
    for mode in ("L", "RGBA", "P", "CMYK", "1"):
        assert transform(image.convert(mode)).shape == (3, 224, 224)


def test_of_a_users_model_it_is_what_was_registered(image: Image.Image) -> None:
    own = zoo.Preprocessing(resize=32, crop=32, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))

    @zoo.register("mine/bare", input_size=(3, 32, 32), preprocessing=own)
    def bare(num_classes: int = 1000) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(3072, num_classes))

    found = zoo.image_transform("mine/bare", weights=None)(image)
    assert found.shape == (3, 32, 32)
    assert torch.equal(found, build_transform(own)(image))


def test_a_side_that_is_no_number() -> None:
    with pytest.raises(zoo.ZooError, match="input_size must be a whole number of at least 1, not 0"):
        zoo.image_transform("resnet18", input_size=0)

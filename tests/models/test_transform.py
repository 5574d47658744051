"""The zoo's transforms are those of the libraries, image for image."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from zoo.models.transform import build_transform, normalise
from zoo.registry.catalogue import get

TORCHVISION = [
    "alexnet", "vgg16", "resnet18", "densenet161", "squeezenet1_0", "googlenet", "mobilenet_v2", "inception_v3",
    "efficientnet_b1", "vit_h_14", "swin_v2_t", "resnet50",
]  # fmt: skip
TIMM = [
    "timm/resnet18",
    "timm/inception_v3",
    "timm/vit_base_patch16_224",
    "timm/efficientnet_b0",
    "timm/convnext_tiny",
]


@pytest.fixture
def picture() -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((600, 400), Image.Resampling.BILINEAR)


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvisions_own_transform_gives_the_same_tensor(name: str, picture: Image.Image) -> None:
    from torchvision.models import get_model_weights

    spec = get(name)
    assert spec.preprocessing is not None
    theirs = get_model_weights(spec.architecture)[str(spec.tag)].transforms()(picture)
    assert torch.equal(build_transform(spec.preprocessing)(picture), theirs)


@pytest.mark.parametrize("name", TIMM)
def test_timms_own_transform_gives_the_same_tensor(name: str, picture: Image.Image) -> None:
    import timm

    spec = get(name)
    assert spec.preprocessing is not None
    config = timm.get_pretrained_cfg(f"{spec.architecture}.{spec.tag}").to_dict()
    theirs = timm.data.create_transform(**timm.data.resolve_data_config(pretrained_cfg=config))(picture)
    ours = build_transform(spec.preprocessing)(picture)
    assert ours.shape == theirs.shape
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_batches_are_normalised_as_images_are(picture: Image.Image) -> None:
    spec = get("resnet18")
    assert spec.preprocessing is not None
    pixels = torch.from_numpy(np.array(picture.resize((224, 224)))).permute(2, 0, 1)[None] / 255
    out = normalise(pixels, spec.preprocessing)
    assert out[0, 0, 0, 0] == pytest.approx((float(pixels[0, 0, 0, 0]) - 0.485) / 0.229, rel=1e-5)


def test_another_crop_keeps_the_proportion(picture: Image.Image) -> None:
    spec = get("resnet18")
    assert spec.preprocessing is not None
    assert build_transform(spec.preprocessing, 64)(picture).shape == (3, 64, 64)

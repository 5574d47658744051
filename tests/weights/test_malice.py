"""Planted files under official names: the digest is right, and still nothing in them runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loading.test_tensors import (
    endless_header,
    evil_bare,
    evil_in_the_archive,
    evil_legacy,
    evil_nested,
    evil_tar,
    evil_zip,
    lying_header,
)
from tests.weights.planted import plant_classic, plant_hub
from zoo.errors import WeightsError
from zoo.loading.create import create
from zoo.registry.catalogue import get, tag_facts

Make = Callable[[Path, Path], None]

CLASSICS = (
    "alexnet", "vgg16", "resnet18", "densenet161", "squeezenet1_0", "googlenet", "mobilenet_v2", "inception_v3",
)  # fmt: skip
ON_HUB = ("resnet18", "vit_base_patch16_224", "convnext_large", "mobilenetv3_large_100")

PICKLES: tuple[Make, ...] = (evil_zip, evil_nested, evil_legacy, evil_bare, evil_tar, evil_in_the_archive)
SAFETENSORS: tuple[Make, ...] = (lying_header, endless_header, evil_bare)


def refused(name: str, tag: str, path: Path, ran: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        create(name)
    line = str(caught.value)
    assert path.name in line
    assert f"`zoo fetch --again {name.partition('.')[0]}.{tag}`" in line
    assert "\n" not in line
    assert not ran.exists()


@pytest.mark.parametrize("architecture", CLASSICS)
@pytest.mark.parametrize("make", PICKLES)
def test_under_torchvisions_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, architecture: str, make: Make
) -> None:
    name = f"torchvision/{architecture}"
    tag = str(get(name).tag)
    make(tmp_path / "evil.pth", tmp_path / "ran")
    path = plant_classic(monkeypatch, (tmp_path / "evil.pth").read_bytes(), name, tag)
    refused(name, tag, path, tmp_path / "ran")


@pytest.mark.parametrize("architecture", ON_HUB)
@pytest.mark.parametrize(
    ("make", "file"),
    [*((make, "pytorch_model.bin") for make in PICKLES), *((make, "model.safetensors") for make in SAFETENSORS)],
)
def test_under_timms_names(tmp_path: Path, architecture: str, make: Make, file: str) -> None:
    name = f"timm/{architecture}"
    tag = str(get(name).tag)
    make(tmp_path / "evil", tmp_path / "ran")
    path = plant_hub(str(tag_facts(name, tag).hub_id), (tmp_path / "evil").read_bytes(), file)
    refused(name, tag, path, tmp_path / "ran")


def test_the_official_name_alone_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file under torchvision's own published name, whose hash is that of other bytes."""
    from zoo.weights.caches import torch_hub_dir

    evil_zip(tmp_path / "evil.pth", tmp_path / "ran")
    content = (tmp_path / "evil.pth").read_bytes()
    file = str(tag_facts("torchvision/resnet18", "IMAGENET1K_V1").file)
    assert hashlib.sha256(content).hexdigest()[:8] not in file
    path = torch_hub_dir() / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="damaged or not what its name says"):
        create("torchvision/resnet18")
    assert not (tmp_path / "ran").exists()

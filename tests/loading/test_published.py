"""Weights under the libraries' own names load through the zoo as through the libraries, bit for bit."""

from __future__ import annotations

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.weights.planted import hub_id, plant_hub, safetensors, state_of
from zoo.loading.create import create
from zoo.machine.allocator import keep_freed_memory
from zoo.models.transform import build_transform
from zoo.registry.catalogue import get, tag_facts
from zoo.registry.search import list_specs
from zoo.sources.spec import ModelSpec
from zoo.weights.caches import hugging_face_dir, torch_hub_dir

LARGE = 60e6
CHUNKS = 4

BESIDE_FAMILIES = ("wide_resnet50_2", "resnext50_32x4d", "efficientnet_v2_s", "swin_v2_t", "mobilenet_v3_small")
"""Torchvision keeps these in the module of another architecture; each has blocks of its own."""


def torchvision_names() -> list[str]:
    smallest: dict[str, str] = {}
    for spec in list_specs(source="torchvision", sort="params"):
        if spec.tag is not None:
            smallest.setdefault(spec.family, spec.architecture)
    return [*smallest.values(), *BESIDE_FAMILIES]


def timm_specs() -> list[ModelSpec]:
    """The smallest of every family whose default tag lies on the hub."""
    smallest: dict[str, ModelSpec] = {}
    for spec in list_specs(source="timm", sort="params"):
        fits = spec.tag is not None and (spec.params or LARGE) < LARGE and not spec.architecture.endswith("_enc")
        if fits and spec.family not in smallest and tag_facts(f"timm/{spec.architecture}", str(spec.tag)).hub_id:
            smallest[spec.family] = spec
    return list(smallest.values())


def test_there_is_one_of_every_family() -> None:
    assert len(torchvision_names()) >= 20
    assert len(timm_specs()) >= 60


@pytest.fixture(scope="module", autouse=True)
def _memory_is_used_again() -> None:
    """Gigabytes of parameters come and go here; without this most of the time would go to page faults."""
    keep_freed_memory()


def planted(build: Callable[[], torch.nn.Module]) -> dict[str, torch.Tensor]:
    """A state whose tensors differ from each other, without the cost of drawing them."""
    with torch.device("meta"):
        state = build().state_dict()
    return {
        name: torch.full(tensor.shape, place % 127, dtype=tensor.dtype)
        for place, (name, tensor) in enumerate(state.items())
    }


def without_auxiliary(state: dict[str, Any]) -> dict[str, Any]:
    """What the zoo keeps of GoogLeNet and Inception."""
    return {k: v for k, v in state.items() if not k.startswith(("aux", "AuxLogits"))}


def differing(ours: torch.nn.Module, theirs: torch.nn.Module) -> list[str]:
    """Names of the tensors, buffers that no file holds included, that are not the same bits."""
    mine = dict(ours.named_parameters()) | dict(ours.named_buffers())
    own = dict(theirs.named_parameters()) | dict(theirs.named_buffers())
    if type(theirs).__module__.startswith("torchvision."):
        own = without_auxiliary(own)
    names = mine.keys() ^ own.keys()
    return sorted(names | {n for n in mine.keys() & own.keys() if not _same_bits(mine[n].detach(), own[n].detach())})


def _same_bits(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.stride() == b.stride() and bool(torch.equal(a, b))


@pytest.mark.exhaustive
@pytest.mark.parametrize("architecture", torchvision_names())
def test_torchvisions_files(architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.models import get_model, get_model_weights

    spec = get(f"torchvision/{architecture}")
    torch.manual_seed(0)
    kwargs = {"init_weights": True} if architecture in ("googlenet", "inception_v3") else {}
    torch.save(get_model(architecture, weights=None, **kwargs).state_dict(), tmp_path / "w.pth")
    with (tmp_path / "w.pth").open("rb") as written:
        file = f"{architecture}-{hashlib.file_digest(written, 'sha256').hexdigest()[:8]}.pth"
    torch_hub_dir().mkdir(parents=True, exist_ok=True)
    (tmp_path / "w.pth").rename(torch_hub_dir() / file)
    # The sources' tables of addresses name this file; every check stays on.
    state_of(monkeypatch, f"torchvision/{architecture}", str(spec.tag), file=file)
    entry = get_model_weights(architecture)[str(spec.tag)]
    address = entry.url
    object.__setattr__(entry.value, "url", f"http://127.0.0.1:9/{file}")
    try:
        theirs = get_model(architecture, weights=entry)
    finally:
        object.__setattr__(entry.value, "url", address)
    ours = create(f"torchvision/{architecture}")
    assert differing(ours, theirs) == []
    assert getattr(ours, "transform_input", None) == getattr(theirs, "transform_input", None)


@pytest.mark.exhaustive
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_timms_files(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import timm

    # The hub's client read its variables when it was imported.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hugging_face_dir()))
    wrong: dict[str, list[str]] = defaultdict(list)
    for spec in timm_specs()[chunk::CHUNKS]:
        name = f"{spec.architecture}.{spec.tag}"
        state = planted(lambda name=name: timm.create_model(name))
        plant_hub(hub_id(f"timm/{spec.architecture}", str(spec.tag)), safetensors(state))
        theirs = timm.create_model(name, pretrained=True)
        ours = create(f"timm/{name}")
        wrong[name] += differing(ours, theirs)
        del ours, theirs
        shutil.rmtree(hugging_face_dir())
    assert {name: names for name, names in wrong.items() if names} == {}


@pytest.fixture(scope="module")
def photograph() -> Any:
    from PIL import Image
    from sklearn.datasets import load_sample_image

    return Image.fromarray(load_sample_image("china.jpg"))


@pytest.mark.slow
def test_preprocessing_is_torchvisions_own_pixel_for_pixel(photograph: Any) -> None:
    """Of every tag of every torchvision architecture."""
    from torchvision.models import get_model_weights

    pairs: dict[tuple[Any, str], tuple[str, Any]] = {}  # many tags share both; each pair is tried once
    for spec in list_specs(source="torchvision"):
        for tag in spec.tags:
            theirs = get_model_weights(spec.architecture)[tag].transforms()
            pre = get(f"{spec.name}.{tag}").preprocessing
            pairs.setdefault((pre, repr(theirs)), (f"{spec.name}.{tag}", theirs))
    assert len(pairs) > 10
    same = {
        name: torch.equal(build_transform(pre)(photograph), theirs(photograph))
        for (pre, _), (name, theirs) in pairs.items()
    }
    assert [name for name, equal in same.items() if not equal] == []


@pytest.mark.slow
def test_preprocessing_is_timms_own_pixel_for_pixel(photograph: Any) -> None:
    """Of the families above, and of every way to crop that timm has, at the test size too."""
    import timm
    from timm.data import create_transform, resolve_data_config

    names = [f"{spec.architecture}.{spec.tag}" for spec in timm_specs()]
    odd: dict[Any, str] = {}
    for spec in list_specs("timm/*.*", source="timm"):
        pre = spec.preprocessing
        if pre is not None and (pre.crop_mode != "center" or pre.width or pre.test_crop):
            odd.setdefault((pre.crop_mode, pre.width is None, pre.test_crop is None), spec.name.partition("/")[2])
    assert {mode for mode, _, _ in odd} == {"center", "squash", "border"}
    pairs: dict[tuple[Any, str], tuple[str, Any]] = {}
    for name in [*names, *odd.values()]:
        config = timm.get_pretrained_cfg(name).to_dict()
        pre = get(f"timm/{name}").preprocessing
        assert pre is not None
        for use_test_size, ours in ((False, pre), (True, pre.at_test_size())):
            stated = resolve_data_config(pretrained_cfg=config, use_test_size=use_test_size)
            pairs.setdefault((ours, str(stated)), (f"{name}, test size {use_test_size}", stated))
    same = {
        name: torch.equal(build_transform(ours)(photograph), create_transform(**stated)(photograph))
        for (ours, _), (name, stated) in pairs.items()
    }
    assert [name for name, equal in same.items() if not equal] == []

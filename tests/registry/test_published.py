"""Weights under the libraries' own names load through the zoo as through the libraries, bit for bit."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from zoo.registry import weights as weights_module
from zoo.registry.catalogue import get, list_specs, tag_entry
from zoo.registry.create import create
from zoo.registry.spec import ModelSpec
from zoo.registry.weights import hugging_face_dir, torch_hub_dir

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
        if (
            fits
            and spec.family not in smallest
            and tag_entry(f"timm/{spec.architecture}", str(spec.tag)).get("hub_id")
        ):
            smallest[spec.family] = spec
    return list(smallest.values())


def test_there_is_one_of_every_family() -> None:
    assert len(torchvision_names()) >= 20
    assert len(timm_specs()) >= 60


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


@pytest.mark.slow
@pytest.mark.parametrize("architecture", torchvision_names())
def test_torchvisions_files(architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.models import get_model, get_model_weights

    spec = get(f"torchvision/{architecture}")
    torch.manual_seed(0)
    kwargs = {"init_weights": True} if architecture in ("googlenet", "inception_v3") else {}
    torch.save(get_model(architecture, weights=None, **kwargs).state_dict(), tmp_path / "w.pth")
    content = (tmp_path / "w.pth").read_bytes()
    file = f"{architecture}-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    torch_hub_dir().mkdir(parents=True, exist_ok=True)
    (torch_hub_dir() / file).write_bytes(content)
    # The sources' tables of addresses name this file; every check stays on.
    stated = dict(tag_entry(f"torchvision/{architecture}", str(spec.tag))) | {"file": file}
    monkeypatch.setattr(weights_module, "tag_entry", lambda *_: stated)
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


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_timms_files(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import timm

    # The hub's client read its variables when it was imported.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(hugging_face_dir()))
    wrong: dict[str, list[str]] = defaultdict(list)
    for spec in timm_specs()[chunk::CHUNKS]:
        name = f"{spec.architecture}.{spec.tag}"
        torch.manual_seed(0)
        plant(tag_entry(f"timm/{spec.architecture}", str(spec.tag))["hub_id"], timm.create_model(name).state_dict())
        theirs = timm.create_model(name, pretrained=True)
        ours = create(f"timm/{name}")
        wrong[name] += differing(ours, theirs)
    assert {name: names for name, names in wrong.items() if names} == {}


def plant(hub_id: str, state: dict[str, torch.Tensor]) -> Path:
    """Put tensors into the hub's cache as the hub does: a blob by its digest, and a link in a snapshot."""
    folder = hugging_face_dir() / ("models--" + hub_id.replace("/", "--"))
    revision = "0" * 40
    for part in ("refs", "blobs", f"snapshots/{revision}"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "main").write_text(revision)
    save_file(
        {key: value.clone(memory_format=torch.contiguous_format) for key, value in state.items()}, folder / "new"
    )
    digest = hashlib.sha256((folder / "new").read_bytes()).hexdigest()
    (folder / "new").rename(folder / "blobs" / digest)
    link = folder / "snapshots" / revision / "model.safetensors"
    link.symlink_to(Path("..") / ".." / "blobs" / digest)
    (folder / "snapshots" / revision / "config.json").write_text(json.dumps({}))
    return link

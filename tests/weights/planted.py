"""Weights planted under the libraries' own names and layouts; the checks stay on, only tables are rewritten."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from zoo.models.build import build_architecture
from zoo.registry import catalogue
from zoo.registry.catalogue import get, tag_facts
from zoo.weights.caches import hub_folder, torch_hub_dir

REVISION = "1" * 40
CLASSIC, CLASSIC_TAG = "torchvision/squeezenet1_0", "IMAGENET1K_V1"
HUBBED, HUBBED_TAG = "timm/test_resnet", "r160_in1k"


def hashed(stem: str, content: bytes, suffix: str = ".pth") -> str:
    """A file name that carries the hash of its own bytes, as torchvision's do."""
    return f"{stem}-{hashlib.sha256(content).hexdigest()[:8]}{suffix}"


def state_of(monkeypatch: pytest.MonkeyPatch, name: str, tag: str, **changes: Any) -> None:
    """Let the table of a source state something else of a tag, such as the name of its file."""
    tags = catalogue.entries()[name].tags
    monkeypatch.setitem(tags, tag, replace(tags[tag], **changes))


def plant_classic(
    monkeypatch: pytest.MonkeyPatch, content: bytes, name: str = CLASSIC, tag: str = CLASSIC_TAG
) -> Path:
    """Put bytes where torch hub would, and let the table name that file."""
    file = hashed(name.partition("/")[2], content)
    state_of(monkeypatch, name, tag, file=file)
    path = torch_hub_dir() / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def plant_hub(hub_id: str, content: bytes, file: str = "model.safetensors") -> Path:
    """Put bytes into the hub's cache as the hub does: a blob by its digest, and a link in a snapshot."""
    folder = hub_folder(hub_id)
    for part in ("refs", "blobs", f"snapshots/{REVISION}"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "main").write_text(REVISION)
    digest = hashlib.sha256(content).hexdigest()
    (folder / "blobs" / digest).write_bytes(content)
    link = folder / "snapshots" / REVISION / file
    link.unlink(missing_ok=True)
    link.symlink_to(Path("..") / ".." / "blobs" / digest)
    (folder / "snapshots" / REVISION / "config.json").write_text(json.dumps({}))
    return link


def hub_id(name: str = HUBBED, tag: str = HUBBED_TAG) -> str:
    return str(tag_facts(name, tag).hub_id)


def state_dict(name: str, seed: int = 3) -> dict[str, Any]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return dict(build_architecture(get(name)).state_dict())


def pickled(state: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def safetensors(state: dict[str, Any]) -> bytes:
    from safetensors.torch import save

    return bytes(save({key: value.clone(memory_format=torch.contiguous_format) for key, value in state.items()}))


def served_by_hub(repository: str, content: bytes, file: str = "model.safetensors") -> dict[str, Any]:
    """What a mirror is given to play the hub with one file: its answers by path, and their headers."""
    digest = hashlib.sha256(content).hexdigest()
    stated = {"X-Repo-Commit": REVISION, "X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(content))}
    paths = [f"/{repository}/resolve/{revision}/{file}" for revision in ("main", REVISION)]
    return {"files": dict.fromkeys(paths, content), "headers": dict.fromkeys(paths, stated)}

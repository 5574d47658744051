"""Verified weights into modules, and modules into the zoo's own weights; nothing is ever unpickled freely."""

from __future__ import annotations

import hashlib
import json
import pickle
import re
import time
from typing import TYPE_CHECKING, Any

from zoo.errors import WeightsError
from zoo.registry.facts_cache import write_atomically
from zoo.registry.own_weights import card, own_path
from zoo.registry.weights import WeightsFile, verify

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from zoo.registry.spec import ModelSpec


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Tensors by name, from safetensors or from a pickle that may hold nothing but tensors.

    Raises
    ------
    WeightsError
        For a damaged file, and for a pickle that holds anything else.
    """
    import torch

    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise WeightsError(f"{path}: holds more than tensors, or is damaged; it was not loaded") from None
    except Exception as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise WeightsError(f"{path}: cannot be read as weights: {lines[0]}") from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise WeightsError(f"{path}: is no state dict of tensors by name")
    return state


def load_into(spec: ModelSpec, file: WeightsFile) -> nn.Module:
    """Build the architecture of ``spec`` and fill it with a verified file, head included.

    Raises
    ------
    WeightsError
        For a damaged file, and for one whose tensors do not fit.
    """
    verify(file)
    state = read_state_dict(file.path)
    if file.kind == "zoo":
        return _load_strictly(spec, state, file, classes=len((card(file.path) or {})["classes"]))
    if spec.source == "timm":
        return _load_through_timm(spec, state, file)
    model = _load_strictly(spec, _renamed(spec, state), file, classes=None)
    if hasattr(model, "transform_input"):
        # GoogLeNet's and Inception's published weights were trained on values in -1..1.
        model.transform_input = True  # type: ignore[assignment]
    return model


def _renamed(spec: ModelSpec, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """DenseNet's files date from before dots in layer names were forbidden: ``norm.1`` is ``norm1``."""
    if spec.family != "densenet":
        return state
    old = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$")
    return {old.sub(r"\1\2", key): value for key, value in state.items()}


def _load_strictly(spec: ModelSpec, state: Mapping[str, Tensor], file: WeightsFile, classes: int | None) -> nn.Module:
    from zoo.registry.create import build_architecture, drop_auxiliary

    model = build_architecture(spec, classes)
    if not any(key.startswith(("aux", "AuxLogits")) for key in state):
        model = drop_auxiliary(model)
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:]] or [str(error)]
        raise WeightsError(f"{file.path}: does not fit {spec.name}: {lines[0][:160]}") from None
    return model


def _load_through_timm(spec: ModelSpec, state: dict[str, Tensor], file: WeightsFile) -> nn.Module:
    """Let the library translate old key names itself; it is handed tensors, never a file to unpickle."""
    import timm

    name = f"{spec.architecture}.{file.tag}"
    try:
        model: nn.Module = timm.create_model(name, pretrained=True, pretrained_cfg_overlay={"state_dict": state})
    except (RuntimeError, KeyError) as error:
        lines = [line.strip() for line in str(error).splitlines()[1:]] or [str(error)]
        raise WeightsError(f"{file.path}: does not fit {spec.name}: {lines[0][:160]}") from None
    return model


def save_zoo_weights(name: str, tag: str, state_dict: Mapping[str, Tensor], info: Mapping[str, Any]) -> WeightsFile:
    """Keep weights under a tag of ``source/architecture``: tensors and card, each whole or not at all.

    Parameters
    ----------
    info : mapping
        JSON values for the card: at least ``classes`` (list of names), ``input_size`` (side in pixels),
        ``mean`` and ``std``.
    """
    from safetensors.torch import save

    path = own_path(name, tag)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = save({key: value.detach().cpu().contiguous() for key, value in state_dict.items()})
    checksum = hashlib.sha256(content).hexdigest()
    # The card first: a tag counts as there once both lie, and a card without tensors is no tag.
    stated = dict(info) | {"sha256": checksum, "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    write_atomically(path.with_suffix(".json"), json.dumps(stated, indent=2).encode())
    write_atomically(path, content)
    return WeightsFile(path, checksum, tag, "zoo")

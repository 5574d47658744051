"""Verified weights into modules, and modules into the zoo's own weights; nothing is ever unpickled freely."""

from __future__ import annotations

import hashlib
import json
import re
import time
import warnings
from typing import TYPE_CHECKING, Any

from zoo.errors import WeightsError, ZooWarning
from zoo.registry.checkpoints import check_is_there, mismatch, read_checkpoint, versions_of, with_versions
from zoo.registry.create import build_architecture, drop_auxiliary, with_head
from zoo.registry.digests import stated_kind
from zoo.registry.facts_cache import write_atomically
from zoo.registry.heads import classifier_parameters
from zoo.registry.own_weights import card, own_path
from zoo.registry.unfilled import build_filled
from zoo.registry.weights import WeightsFile, check_digest, stated_digest, verify

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from zoo.registry.spec import ModelSpec


def load_into(spec: ModelSpec, file: WeightsFile) -> nn.Module:
    """Build the architecture of ``spec`` and fill it with a verified file, head included.

    The file's tensors become the parameters: nothing is initialised first, and nothing is copied that has
    the right type already.

    Raises
    ------
    WeightsError
        For a damaged file, and for one whose tensors do not fit.
    """
    state = _verified_state(file)
    if file.kind == "zoo":
        return _load_strictly(spec, state, file.path, len((card(file.path) or {})["classes"]))
    if spec.source == "timm":
        return _load_through_timm(f"{spec.architecture}.{file.tag}", state, file.path)
    model = _load_strictly(spec, _renamed(spec, state), file.path)
    if hasattr(model, "transform_input"):
        # GoogLeNet's and Inception's published weights were trained on values in -1..1.
        model.transform_input = True  # type: ignore[assignment]
    return model


def _verified_state(file: WeightsFile) -> dict[str, Tensor]:
    """Tensors of a file whose digest is the stated one; of safetensors the very bytes that were read have it."""
    stated = stated_digest(file)
    checksum = hashlib.sha256()
    together = file.path.suffix == ".safetensors" and stated != "" and stated_kind(stated) == "SHA-256"
    if not together:
        verify(file)
    try:
        state = read_checkpoint(file.path, checksum).state
    except WeightsError as error:
        if together:
            verify(file)  # damage explains more than what a reader stumbled over
        raise WeightsError(f"{error}; or {file.remedy}") from None
    if together:
        check_digest(file, stated, checksum.hexdigest())
    return state


def load_local(spec: ModelSpec, path: Path, num_classes: int | None = None) -> nn.Module:
    """Build the architecture of ``spec`` and fill it with a checkpoint of the user's own.

    Parameters
    ----------
    path : Path
        A state dict, or one that a training script wrapped (:data:`zoo.registry.checkpoints.WRAPPERS`).
    num_classes : int, optional
        None keeps the checkpoint's head; 0 takes it off. A head of another width, or one that the file has
        not, is a new one, and a :class:`ZooWarning` says so.

    Raises
    ------
    WeightsError
        For a damaged file, one that holds more than tensors, and one whose tensors do not fit.
    """
    import torch

    check_is_there(path)
    checkpoint = read_checkpoint(path)
    state = _renamed(spec, checkpoint.state)
    with torch.device("meta"):
        bare = drop_auxiliary(build_architecture(spec))
    head = [name for name, _ in classifier_parameters(bare)]
    if head and not any(name in state for name in head):
        return _load_without_head(spec, state, path, num_classes)
    width = next((len(state[name]) for name in head if name in state), None)
    if spec.source == "timm":
        model = _load_through_timm(spec.architecture, state, path, width)
    else:
        model = _load_strictly(spec, state, path, width)
    if num_classes in (None, width):
        return model
    if num_classes:
        warnings.warn(
            f"{path}: its head has {width} classes and {num_classes} were asked for: the head is new and untrained",
            ZooWarning,
            stacklevel=3,
        )
    return with_head(model, spec, num_classes)


def _load_without_head(spec: ModelSpec, state: dict[str, Tensor], path: Path, num_classes: int | None) -> nn.Module:
    """Fill all but the head, which a file of a backbone alone does not have."""
    model = drop_auxiliary(build_architecture(spec, num_classes))
    own = model.state_dict()
    head = tuple(name for name, _ in classifier_parameters(model))
    problem = mismatch(state, own, ignore=(*head, *_COUNTERS))
    if problem:
        raise _misfit(spec.name, path, problem)
    model.load_state_dict(state, strict=False)
    if head:
        warnings.warn(f"{path}: holds no head; that of {spec.name} is new and untrained", ZooWarning, stacklevel=4)
    return model


def _renamed(spec: ModelSpec, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """DenseNet's files date from before dots in layer names were forbidden: ``norm.1`` is ``norm1``."""
    if spec.source != "torchvision" or spec.family != "densenet":
        return state
    old = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$")
    return with_versions({old.sub(r"\1\2", key): value for key, value in state.items()}, versions_of(state))


def _load_strictly(spec: ModelSpec, state: dict[str, Tensor], path: Path, classes: int | None = None) -> nn.Module:
    auxiliary = any(key.startswith(("aux", "AuxLogits")) for key in state)

    def make() -> nn.Module:
        model = build_architecture(spec, classes)
        if not auxiliary:
            model = drop_auxiliary(model)
        try:
            model.load_state_dict(state, strict=True)
        except RuntimeError as error:
            problem = mismatch(state, model.state_dict(), ignore=_COUNTERS) or str(error).splitlines()[-1].strip()
            raise _misfit(spec.name, path, problem) from None
        return model

    return build_filled(make)


def _load_through_timm(name: str, state: dict[str, Tensor], path: Path, classes: int | None = None) -> nn.Module:
    """Let the library translate old key names itself; it is handed tensors, never a file to unpickle."""
    import timm

    sized = {} if classes is None else {"num_classes": classes}

    def make() -> nn.Module:
        overlay = {"state_dict": with_versions(state, versions_of(state)), **sized}  # a filter may empty it
        try:
            model: nn.Module = timm.create_model(name, pretrained=True, pretrained_cfg_overlay=overlay, **sized)
        except (RuntimeError, KeyError) as error:
            lines = [line.strip() for line in str(error).splitlines()[1:]] or [str(error)]
            raise _misfit(f"timm/{name}", path, lines[0][:160]) from None
        return model

    return build_filled(make, state.values())


_COUNTERS = ("num_batches_tracked",)


def _misfit(name: str, path: Path, problem: str) -> WeightsError:
    return WeightsError(f"{path}: does not fit {name}: {problem}; check that the file is of this architecture")


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
    return WeightsFile(path, tag, "zoo", name)

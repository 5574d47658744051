"""Verified weights into modules, and modules into the zoo's own weights; nothing is ever unpickled freely."""

from __future__ import annotations

import hashlib
import json
import re
import time
import warnings
from typing import TYPE_CHECKING, Any

from zoo.errors import WeightsError, ZooError, ZooWarning
from zoo.registry.catalogue import is_published
from zoo.registry.checkpoints import check_is_there, mismatch, read_checkpoint, some, versions_of, with_versions
from zoo.registry.create import build_architecture, drop_auxiliary, with_head
from zoo.registry.digests import stated_kind
from zoo.registry.facts_cache import write_atomically
from zoo.registry.heads import classifier_parameters, library_of
from zoo.registry.own_preprocessing import states_normalisation
from zoo.registry.own_weights import card, own_path
from zoo.registry.static import AUXILIARY
from zoo.registry.unfilled import COUNTERS, MisfitError, build_filled
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
    if _may_transform(spec, model):
        model.transform_input = True  # type: ignore[assignment]
    return model


def _may_transform(spec: ModelSpec, model: nn.Module) -> bool:
    """Whether the model can turn ImageNet's normalisation into values in -1..1 itself.

    GoogLeNet's and Inception's published weights were trained on such values, and need it.
    """
    return spec.source == "torchvision" and hasattr(model, "transform_input")


def classes_of(model: nn.Module, file: WeightsFile) -> int | None:
    """Width of the head that a file's weights have, as :func:`load_into` made the model; 0 where they have none."""
    if file.kind == "zoo":
        return len((card(file.path) or {})["classes"])
    if library_of(model) == "timm":
        width = getattr(model, "num_classes", None)
        return width if isinstance(width, int) else None
    return next(len(parameter) for _, parameter in classifier_parameters(model))


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
    check_is_there(path)
    state = _without_auxiliary(spec, _renamed(spec, read_checkpoint(path).state))
    model = _load_local(spec, state, path, num_classes)
    if _may_transform(spec, model):
        stated = states_normalisation(path)
        model.transform_input = not stated  # type: ignore[assignment]
        said = "mean and std are stated and used as they are" if stated else "no mean and std are stated"
        done = "off" if stated else "on, as for the published weights"
        warnings.warn(f"{path}: {said}, so transform_input is {done}", ZooWarning, stacklevel=3)
    return model


def _load_local(spec: ModelSpec, state: dict[str, Tensor], path: Path, num_classes: int | None) -> nn.Module:
    head, counting = _head_of(spec)
    if head and not any(name in state for name in head) and not _is_headless(spec):
        return _load_without_head(spec, state, path, num_classes, head)
    width = next((len(state[name]) for name in counting if name in state and state[name].ndim), None)
    if spec.source == "timm":
        model = _load_through_timm(spec.architecture, state, path, width)
        _say_resampled(state, model.state_dict(), path)
    else:
        model = _load_strictly(spec, state, path, width)
    if num_classes in (None, width):
        return model
    if num_classes:
        has = "it has no head" if width is None else f"its head has {width} classes"
        new = f"{has} and {num_classes} were asked for: the head is new and untrained"
        warnings.warn(f"{path}: {new}", ZooWarning, stacklevel=4)
    return with_head(model, spec, num_classes)


PROBE = 1009
"""A number of classes that no other part of any architecture has for its width (a prime)."""


def _head_of(spec: ModelSpec) -> tuple[list[str], list[str]]:
    """Names of an architecture's head, once it has one, and of its tensors that have a row for each class."""
    import torch

    with torch.device("meta"):
        try:
            bare = drop_auxiliary(build_architecture(spec, PROBE))
        except ZooError:  # an encoder that cannot have one
            return [], []
    counting = [name for name, parameter in bare.named_parameters() if parameter.shape[:1] == (PROBE,)]
    try:
        return [name for name, _ in classifier_parameters(bare)], counting
    except ZooError:  # of a user's model, at no usual place
        return counting, counting


def _is_headless(spec: ModelSpec) -> bool:
    """Whether the library's own default is without a head; its translation takes such files as they are."""
    import torch

    if spec.source != "timm":
        return False
    with torch.device("meta"):
        return not classifier_parameters(build_architecture(spec))


def _say_resampled(state: Mapping[str, Tensor], loaded: Mapping[str, Tensor], path: Path) -> None:
    """Warn of what the library fitted to another input size."""
    changed = [
        f"{name} {tuple(value.shape)} to {tuple(loaded[name].shape)}"
        for name, value in state.items()
        if name in loaded and loaded[name].numel() != value.numel()
    ]
    if changed:
        warnings.warn(
            f"{path}: is of another input size: {len(changed)} resampled ({some(changed)}); its accuracy may change",
            ZooWarning,
            stacklevel=5,
        )


def _load_without_head(
    spec: ModelSpec, state: dict[str, Tensor], path: Path, num_classes: int | None, head: list[str]
) -> nn.Module:
    """Fill all but the head, which a file of a backbone alone does not have."""
    model = drop_auxiliary(build_architecture(spec, num_classes))
    own = model.state_dict()
    problem = mismatch(state, own, ignore=(*head, *COUNTERS))
    if problem:
        raise _misfit(spec.name, path, problem)
    model.load_state_dict(state, strict=False)
    if any(name in own for name in head):
        warnings.warn(f"{path}: holds no head; that of {spec.name} is new and untrained", ZooWarning, stacklevel=5)
    return model


def _without_auxiliary(spec: ModelSpec, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Auxiliary heads are dropped after loading, so theirs may be of any width."""
    if spec.source != "torchvision":
        return state
    kept = {key: value for key, value in state.items() if key.partition(".")[0] not in AUXILIARY}
    return with_versions(kept, versions_of(state))


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
        except MisfitError:
            raise
        except RuntimeError as error:
            raise _misfit(spec.name, path, _reason(error)) from None
        return model

    try:
        return build_filled(make)
    except MisfitError as error:
        raise _misfit(spec.name, path, _reason(error)) from None


def _load_through_timm(name: str, state: dict[str, Tensor], path: Path, classes: int | None = None) -> nn.Module:
    """Let the library translate old key names itself; it is handed tensors, never a file to unpickle."""
    import timm

    sized = {} if classes is None else {"num_classes": classes}

    def make() -> nn.Module:
        overlay = {"state_dict": with_versions(state, versions_of(state)), **sized}  # a filter may empty it
        model: nn.Module = timm.create_model(name, pretrained=True, pretrained_cfg_overlay=overlay, **sized)
        return model

    try:
        return build_filled(make, state.values())
    except FITTING as error:
        raise _misfit(f"timm/{name}", path, _reason(error)) from None


FITTING = (RuntimeError, LookupError, TypeError, ValueError, AttributeError)
"""What the library's translation of names and shapes raises for tensors that are another architecture's."""


def _reason(error: Exception) -> str:
    if isinstance(error, MisfitError):
        return str(error)
    lines = [line.strip() for line in str(error).splitlines()[1:]] or [f"{type(error).__name__}: {error}"]
    return lines[0][:160]


def _misfit(name: str, path: Path, problem: str) -> WeightsError:
    return WeightsError(f"{path}: does not fit {name}: {problem}; check that the file is of this architecture")


def save_zoo_weights(name: str, tag: str, state_dict: Mapping[str, Tensor], info: Mapping[str, Any]) -> WeightsFile:
    """Keep weights under a tag of ``source/architecture``: tensors and card, each whole or not at all.

    Parameters
    ----------
    info : mapping
        JSON values for the card: at least ``classes`` (list of names), ``input_size`` (side in pixels),
        ``mean`` and ``std``.

    Raises
    ------
    WeightsError
        For a tag that the source has published weights under.
    """
    from safetensors.torch import save

    if is_published(name, tag):
        raise WeightsError(f"{name}.{tag}: that tag is of published weights; keep yours under another")
    path = own_path(name, tag)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = save({key: value.detach().cpu().contiguous() for key, value in state_dict.items()})
    checksum = hashlib.sha256(content).hexdigest()
    # The card first: a tag counts as there once both lie, and a card without tensors is no tag.
    stated = dict(info) | {"sha256": checksum, "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    write_atomically(path.with_suffix(".json"), json.dumps(stated, indent=2).encode())
    write_atomically(path, content)
    return WeightsFile(path, tag, "zoo", name)

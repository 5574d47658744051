"""From a name to a module: built, loaded with verified weights, with the head that was asked for."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError, ZooWarning
from zoo.registry import user
from zoo.registry.catalogue import get
from zoo.registry.checkpoints import SUFFIXES
from zoo.registry.heads import has_head, replace_head
from zoo.registry.naming import parse_name
from zoo.registry.own_heads import build_own, ignores_classes
from zoo.registry.sources import load_source
from zoo.registry.static import AUXILIARY

if TYPE_CHECKING:
    from torch import nn

    from zoo.registry.spec import ModelSpec

RANDOM = (None, "none", "random")


def create(name: str, weights: str | Path | None = "default", num_classes: int | None = None) -> nn.Module:
    """Build a model, in eval mode, on the CPU.

    Parameters
    ----------
    name : str
        As :func:`zoo.get` takes it; a tag in the name names the weights.
    weights : str, Path or None
        ``"default"`` (the tag in the name, else the source's default), a tag, None for random
        initialisation, or the path of a checkpoint of your own (``.safetensors``, ``.pth``, ``.pt``, ``.bin``,
        ``.ckpt``): a state dict, or one that a training script wrapped.
    num_classes : int, optional
        None keeps the head of the weights (or the source's); 0 takes it off, so that ``forward`` gives
        features (N, D). n gives a head of n classes: the trained one where the weights have one of that
        width, otherwise a new, untrained one, and a :class:`zoo.errors.ZooWarning` says so.

    Returns
    -------
    Module
        From images (N, channels, height, width) to logits (N, classes) or features (N, D), one tensor in
        train mode too: auxiliary heads are dropped after loading.

    Raises
    ------
    UnknownNameError
        No such model or tag.
    WeightsError
        Weights that are missing, damaged or do not fit.
    ZooError
        Where the head cannot be replaced.
    """
    _check_classes(num_classes)
    if weights is not None and is_path(weights):
        from zoo.registry.loading import load_local

        return drop_auxiliary(load_local(get(name), Path(weights).expanduser(), num_classes)).eval()
    if weights in RANDOM:
        return _untrained(name, num_classes)
    model, spec, width = _loaded(name, weights)
    if num_classes is None or (num_classes and width == num_classes):
        return model.eval()
    if num_classes and width is not None:
        has = f"has {width} classes" if width else "is missing"
        warnings.warn(
            f"{spec.name}: the head of these weights {has} and {num_classes} were asked for; it is new and untrained",
            ZooWarning,
            stacklevel=2,
        )
    return with_head(model, spec, num_classes).eval()


def create_to_train(name: str, weights: str | None, num_classes: int) -> nn.Module:
    """As :func:`create`, for a task of its own: the head is new whatever the weights have, and nothing is said."""
    _check_classes(num_classes)
    if weights in RANDOM:
        return _untrained(name, num_classes)
    model, spec, _ = _loaded(name, weights)
    return with_head(model, spec, num_classes).eval()


def _check_classes(num_classes: int | None) -> None:
    if num_classes is not None and num_classes < 0:
        raise ZooError(f"num_classes must be 0 (features) or more, not {num_classes}")


def _untrained(name: str, num_classes: int | None) -> nn.Module:
    return drop_auxiliary(build_architecture(get(name), num_classes)).eval()


def _loaded(name: str, weights: str | Path | None) -> tuple[nn.Module, ModelSpec, int | None]:
    """Model, spec, and the width of its trained head where that is known."""
    from zoo.registry.loading import classes_of, load_into
    from zoo.registry.weights import obtain

    tag = parse_name(name).tag
    spec = get(name)
    full = f"{spec.source}/{spec.architecture}"
    file = obtain(full, tag if weights == "default" and tag else str(weights))
    spec = get(f"{full}.{file.tag}") if file.tag else spec
    model = drop_auxiliary(load_into(spec, file))
    return model, spec, classes_of(model, file)


def is_path(weights: str | Path) -> bool:
    """Whether weights are a file of the user's: tags have no separators, and none ends as files of tensors do."""
    return isinstance(weights, Path) or os.sep in weights or weights.endswith(SUFFIXES)


def build_architecture(spec: ModelSpec, num_classes: int | None = None) -> nn.Module:
    """Randomly initialised module, its auxiliary heads still on; the device context decides where."""
    full = f"{spec.source}/{spec.architecture}"
    if full in user.registered():
        own = build_own(full, num_classes)
        exchanged = num_classes == 0 or (num_classes is not None and ignores_classes(full))
        return replace_head(own, num_classes or 0) if exchanged else own
    if spec.source == "timm":
        # The library exchanges heads itself while it builds, also those of models that cannot do it later.
        import timm

        built: nn.Module = timm.create_model(spec.architecture, pretrained=False, **_classes(num_classes))
        if num_classes is not None and not hasattr(built, "get_classifier"):
            raise ZooError(f"{full} is an encoder that returns tokens; it has neither a head nor pooled features")
        return built
    model: nn.Module = load_source(spec.source).build(spec.architecture, spec.input_size)
    return model if num_classes is None else replace_head(model, num_classes)


def _classes(num_classes: int | None) -> dict[str, Any]:
    return {} if num_classes is None else {"num_classes": num_classes}


def with_head(model: nn.Module, spec: ModelSpec, num_classes: int) -> nn.Module:
    """``model`` with a new head of ``num_classes``, or none for 0; every other tensor keeps its bits.

    Raises
    ------
    ZooError
        Where the head cannot be found or exchanged.
    """
    exchangeable = hasattr(model, "reset_classifier") if spec.source == "timm" else has_head(model)
    if exchangeable or (num_classes == 0 and spec.source != "timm"):
        return replace_head(model, num_classes)
    # What cannot exchange its head is built with the right one, and takes everything else over.
    fresh = build_architecture(spec, num_classes)
    wanted = fresh.state_dict()
    kept = {k: v for k, v in model.state_dict().items() if k in wanted and wanted[k].shape == v.shape}
    fresh.load_state_dict(kept, strict=False)
    return fresh


def drop_auxiliary(model: nn.Module) -> nn.Module:
    """Take off heads that exist for training from scratch alone, so that the output is one tensor always."""
    found = [part for part in AUXILIARY if getattr(model, part, None) is not None]
    for part in found:
        setattr(model, part, None)
    if found:
        model.aux_logits = False  # type: ignore[assignment]
    return model

"""The way from a name to a module with weights and a head."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import ZooError, ZooWarning
from zoo.models.build import build_architecture, drop_auxiliary, with_head
from zoo.models.loading.checkpoint import load_checkpoint
from zoo.models.loading.published import load_into, width_of
from zoo.registry.catalogue import get, resolve
from zoo.registry.naming import DEFAULT, is_random
from zoo.weights.caches import SUFFIXES
from zoo.weights.obtain import obtain

if TYPE_CHECKING:
    from torch import nn

    from zoo.registry.spec import ModelSpec
    from zoo.weights.file import WeightsFile


def create(name: str, weights: str | Path | None = DEFAULT, num_classes: int | None = None) -> nn.Module:
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
        return drop_auxiliary(load_checkpoint(get(name), Path(weights).expanduser(), num_classes)).eval()
    if is_random(weights):
        return _untrained(name, num_classes)
    model, spec, file = _loaded(name, weights)
    width = None if num_classes is None else width_of(model, file)
    if num_classes is None or (num_classes and width == num_classes):
        return model.eval()
    if num_classes:
        has = f"has {width} classes" if width else "is missing"
        warnings.warn(
            f"{spec.name}: the head of these weights {has} and {num_classes} were asked for; it is new and untrained",
            ZooWarning,
            stacklevel=2,
        )
    return with_head(model, spec, num_classes).eval()


def create_to_train(name: str, weights: str | None, num_classes: int) -> nn.Module:
    """Build a model for a task of its own, as :func:`create` does.

    The head is new whatever the weights have, and no warning says so.
    """
    _check_classes(num_classes)
    if is_random(weights):
        return _untrained(name, num_classes)
    model, spec, _ = _loaded(name, weights)
    return with_head(model, spec, num_classes).eval()


def _check_classes(num_classes: int | None) -> None:
    if num_classes is not None and num_classes < 0:
        raise ZooError(f"num_classes must be 0 (features) or more, not {num_classes}")


def _untrained(name: str, num_classes: int | None) -> nn.Module:
    return drop_auxiliary(build_architecture(get(name), num_classes)).eval()


def _loaded(name: str, weights: str | Path | None) -> tuple[nn.Module, ModelSpec, WeightsFile]:
    """The model with the head of its weights, what is known of it, and the file."""
    wanted = resolve(name)
    file = obtain(wanted.model, wanted.tag if weights == DEFAULT and wanted.tag else str(weights))
    spec = get(f"{wanted.model}.{file.tag}" if file.tag else name)
    return drop_auxiliary(load_into(spec, file)), spec, file


def is_path(weights: str | Path) -> bool:
    """Whether weights are a file of the user's.

    Tags have no separators, and none ends as files of tensors do.
    """
    return isinstance(weights, Path) or os.sep in weights or weights.endswith(SUFFIXES)

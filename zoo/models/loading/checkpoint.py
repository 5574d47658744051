"""Checkpoints of the user's own into modules."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from zoo.errors import ZooError, ZooWarning
from zoo.models.build import build_architecture, drop_auxiliary, with_head
from zoo.models.heads import classifier_parameters
from zoo.models.loading.fit import (
    has_input_switch,
    load_strictly,
    load_translated,
    misfit,
    renamed,
    set_input_switch,
)
from zoo.models.loading.statement import states_normalisation
from zoo.models.loading.tensors import check_is_there, mismatch, read_checkpoint, some, versions_of, with_versions
from zoo.models.loading.unfilled import COUNTERS
from zoo.registry.sources.lookup import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from zoo.registry.spec import ModelSpec


def load_checkpoint(spec: ModelSpec, path: Path, num_classes: int | None = None) -> nn.Module:
    """Build an architecture and fill it with a checkpoint of the user's.

    Parameters
    ----------
    spec : ModelSpec
        Of the architecture.
    path : Path
        A state dict, or one that a training script wrapped (:data:`zoo.models.loading.tensors.WRAPPERS`).
    num_classes : int, optional
        None keeps the checkpoint's head; 0 takes it off. A head of another width, or one that the file has
        not, is a new one, and a :class:`ZooWarning` says so.

    Raises
    ------
    WeightsError
        For a damaged file, one that holds more than tensors, and one whose tensors do not fit.
    """
    check_is_there(path)
    state = _without_auxiliary(spec, renamed(spec, read_checkpoint(path).state))
    model = _loaded(spec, state, path, num_classes)
    if has_input_switch(spec, model):
        stated = states_normalisation(path)
        set_input_switch(spec, model, on=not stated)
        said = "mean and std are stated and used as they are" if stated else "no mean and std are stated"
        done = "off" if stated else "on, as for the published weights"
        switch = source_of(spec.source).input_switch
        warnings.warn(f"{path}: {said}, so {switch} is {done}", ZooWarning, stacklevel=3)
    return model


def _loaded(spec: ModelSpec, state: dict[str, Tensor], path: Path, num_classes: int | None) -> nn.Module:
    head, counting = _head_of(spec)
    if head and not any(name in state for name in head) and not _is_headless(spec):
        return _loaded_without_head(spec, state, path, num_classes, head)
    width = next((len(state[name]) for name in counting if name in state and state[name].ndim), None)
    if source_of(spec.source).translates:
        model = load_translated(spec, None, state, path, width)
        _warn_of_resampled(state, model.state_dict(), path)
    else:
        model = load_strictly(spec, state, path, width)
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
    try:
        bare = drop_auxiliary(_built_aside(spec, PROBE))
    except ZooError:  # an encoder that cannot have one
        return [], []
    counting = [name for name, parameter in bare.named_parameters() if parameter.shape[:1] == (PROBE,)]
    try:
        return [name for name, _ in classifier_parameters(bare)], counting
    except ZooError:  # of a user's model, at no usual place
        return counting, counting


def _built_aside(spec: ModelSpec, classes: int | None = None) -> nn.Module:
    """A module to look at, on the meta device where it can be; no random numbers are drawn from who asks."""
    import torch

    with torch.random.fork_rng(devices=[]):
        try:
            with torch.device("meta"):
                return build_architecture(spec, classes)
        except ZooError:
            raise
        except Exception:  # noqa: BLE001 - whatever a model cannot do on meta, it may do for real
            return build_architecture(spec, classes)


def _is_headless(spec: ModelSpec) -> bool:
    """Whether a source's own default is without a head; its translation takes such files as they are."""
    return source_of(spec.source).translates and not classifier_parameters(_built_aside(spec))


def _warn_of_resampled(state: Mapping[str, Tensor], loaded: Mapping[str, Tensor], path: Path) -> None:
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


def _loaded_without_head(
    spec: ModelSpec, state: dict[str, Tensor], path: Path, num_classes: int | None, head: list[str]
) -> nn.Module:
    """Fill all but the head, which a file of a backbone alone does not have."""
    model = drop_auxiliary(build_architecture(spec, num_classes))
    own = model.state_dict()
    problem = mismatch(state, own, ignore=(*head, *COUNTERS))
    if problem:
        raise misfit(spec.name, path, problem)
    model.load_state_dict(state, strict=False)
    if any(name in own for name in head):
        warnings.warn(f"{path}: holds no head; that of {spec.name} is new and untrained", ZooWarning, stacklevel=5)
    return model


def _without_auxiliary(spec: ModelSpec, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Auxiliary heads are dropped after loading, so theirs may be of any width."""
    auxiliary = source_of(spec.source).auxiliary
    if not auxiliary:
        return state
    kept = {key: value for key, value in state.items() if key.partition(".")[0] not in auxiliary}
    return with_versions(kept, versions_of(state))

"""Checkpoints of the user's own into modules."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING

from zoo.errors import WeightsError, ZooError, ZooWarning, option
from zoo.loading.fit import (
    has_input_switch,
    load_strictly,
    load_translated,
    misfit,
    renamed,
    set_input_switch,
)
from zoo.loading.found_state import read_network
from zoo.loading.statement import spec_of_checkpoint, states_normalisation
from zoo.loading.tensors import check_is_there, mismatch, some, versions_of, with_versions
from zoo.loading.unfilled import COUNTERS
from zoo.loading.wanted import built_aside, fitted, wanted_of
from zoo.models.build import build_architecture, drop_auxiliary, with_head
from zoo.models.channels import RGB, with_channels
from zoo.models.heads import classifier_parameters
from zoo.registry.catalogue import get
from zoo.sources.lookup import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from zoo.loading.found_state import FoundState
    from zoo.loading.wanted import Fitted, Wanted
    from zoo.sources.spec import ModelSpec


def load_checkpoint(
    spec: ModelSpec, path: Path, num_classes: int | None = None, in_chans: int | None = None
) -> nn.Module:
    """Build an architecture and fill it with a checkpoint of the user's.

    Parameters
    ----------
    spec : ModelSpec
        Of the architecture, with the size that it is to be built for.
    path : Path
        A state dict, at the top or wherever a training script put it.
    num_classes : int, optional
        None keeps the checkpoint's head; 0 takes it off. A head of another width, or one that the file has
        not, is a new one, and a :class:`ZooWarning` says so.
    in_chans : int, optional
        Channels of the images; None keeps those that the checkpoint was trained on.

    Raises
    ------
    WeightsError
        For a damaged file, one that holds more than tensors and plain values, and one whose tensors do not fit.
    """
    wanted, found, fit = fit_of(spec, path)
    _say(path, found, fit)
    if in_chans not in (None, fit.channels) and fit.channels != RGB:
        trained, chans = f"{fit.channels} channel{'s' * (fit.channels != 1)}", option("in_chans")
        raise WeightsError(
            f"{path}: was trained on images of {trained}, and {in_chans} were asked for; leave {chans} out"
        )
    model = _loaded(spec, wanted, fit, path, num_classes)
    if has_input_switch(spec, model) and fit.channels == RGB:
        stated = states_normalisation(path)
        set_input_switch(spec, model, on=not stated)
        said = "mean and std are stated and used as they are" if stated else "no mean and std are stated"
        done = "off" if stated else "on, as for the published weights"
        switch = source_of(spec.source).input_switch
        warnings.warn(f"{path}: {said}, so {switch} is {done}", ZooWarning, stacklevel=3)
    return with_channels(model, in_chans) if fit.channels == RGB and in_chans is not None else model


def fit_of(spec: ModelSpec, path: Path) -> tuple[Wanted, FoundState, Fitted]:
    """What an architecture wants, the network in a file, and how that fits.

    Raises
    ------
    WeightsError
        For a file that is not there, damaged, or without tensors by name.
    """
    check_is_there(path)
    wanted = wanted_of(spec)
    found = read_network(path, wanted.shapes.keys(), partial(renamed, spec))
    fit = fitted(wanted, _without_auxiliary(spec, found.state), _without_auxiliary(spec, found.beside))
    return wanted, found, fit


def why_not(model: str, path: Path) -> str:
    """Why a model cannot take a checkpoint for images of three channels.

    Empty where it can.
    """
    try:
        layers = dict(drop_auxiliary(load_checkpoint(spec_of_checkpoint(get(model), path), path)).named_modules())
    except ZooError as error:
        return str(error)
    first = next((layer for layer in layers.values() if hasattr(layer, "in_channels")), None)
    channels = getattr(first, "in_channels", RGB)
    count = f"{channels} channel{'s' * (channels != 1)}"
    return "" if channels == RGB else f"{path}: reads images of {count}, and those that are measured with have three"


def _say(path: Path, found: FoundState, fit: Fitted) -> None:
    """Tell what was taken, what was left, and what the network now reads."""
    lines = list(fit.said)
    if found.others:
        lines.append(
            f"holds several networks that fit; {found.place or 'the one at the top'} was taken, not "
            f"{some(list(found.others))}"
        )
    if fit.left_out:
        count = len(fit.left_out)
        lines.append(
            f"{count} tensor{'s' * (count != 1)} that {'are' if count > 1 else 'is'} not the network's "
            f"{'were' if count > 1 else 'was'} left out ({some(fit.left_out)})"
        )
    if fit.channels != RGB:
        lines.append(f"was trained on images of {fit.channels} channel{'s' * (fit.channels != 1)}, and takes such")
    for line in lines:
        warnings.warn(f"{path}: {line}", ZooWarning, stacklevel=4)


def _loaded(spec: ModelSpec, wanted: Wanted, fit: Fitted, path: Path, num_classes: int | None) -> nn.Module:
    state = fit.state
    if wanted.head and not any(name in state for name in wanted.head) and not _is_headless(spec):
        return _loaded_without_head(spec, fit, path, num_classes, wanted.head)
    width = next((len(state[name]) for name in wanted.counting if name in state and state[name].ndim), None)
    if source_of(spec.source).translates and fit.channels == RGB:
        model = load_translated(spec, None, state, path, width)
        _warn_of_resampled(state, model.state_dict(), path)
    else:
        model = load_strictly(spec, state, path, width, fit.channels)
    if num_classes in (None, width):
        return model
    if num_classes:
        has = "it has no head" if width is None else f"its head has {width} classes"
        new = f"{has} and {num_classes} were asked for: the head is new and untrained"
        warnings.warn(f"{path}: {new}", ZooWarning, stacklevel=4)
    return with_head(model, spec, num_classes)


def _is_headless(spec: ModelSpec) -> bool:
    """Whether a source's own default is without a head; its translation takes such files as they are."""
    return source_of(spec.source).translates and not classifier_parameters(built_aside(spec))


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
    spec: ModelSpec, fit: Fitted, path: Path, num_classes: int | None, head: list[str]
) -> nn.Module:
    """Fill all but the head, which a file of a backbone alone does not have."""
    model = with_channels(drop_auxiliary(build_architecture(spec, num_classes)), fit.channels)
    own = model.state_dict()
    problem = mismatch(fit.state, own, ignore=(*head, *COUNTERS))
    if problem:
        raise misfit(spec.name, path, problem)
    model.load_state_dict(fit.state, strict=False)
    if any(name in own for name in head):
        warnings.warn(
            f"{path}: holds no head that {spec.name} has; its own is new and untrained", ZooWarning, stacklevel=5
        )
    return model


def _without_auxiliary(spec: ModelSpec, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Auxiliary heads are dropped after loading, so theirs may be of any width."""
    auxiliary = source_of(spec.source).auxiliary
    if not auxiliary:
        return state
    kept = {key: value for key, value in state.items() if key.partition(".")[0] not in auxiliary}
    return with_versions(kept, versions_of(state))

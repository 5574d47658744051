"""Tensors fitted into an architecture, by name and shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.loading.tensors import versions_of, with_versions
from zoo.loading.unfilled import MisfitError, build_filled
from zoo.models.build import build_architecture, drop_auxiliary, has_auxiliary
from zoo.models.channels import RGB, with_channels
from zoo.models.found_heads import named
from zoo.sources.lookup import source_of

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn

    from zoo.sources.spec import ModelSpec


def has_input_switch(spec: ModelSpec, model: nn.Module) -> bool:
    """Whether a module can turn ImageNet's normalisation into -1..1.

    GoogLeNet's and Inception's published weights were trained on such values, and need it.
    """
    switch = source_of(spec.source).input_switch
    return switch is not None and hasattr(model, switch)


def set_input_switch(spec: ModelSpec, model: nn.Module, *, on: bool) -> None:
    """Have a module turn ImageNet's normalisation into -1..1, if it can."""
    if has_input_switch(spec, model):
        setattr(model, str(source_of(spec.source).input_switch), on)


def renamed(spec: ModelSpec, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of a file by the names that the module has for them."""
    source = source_of(spec.source)
    names = {key: source.renamed(spec.architecture, key) for key in state}
    if all(key == name for key, name in names.items()):
        return state
    return with_versions({names[key]: value for key, value in state.items()}, versions_of(state))


def load_strictly(
    spec: ModelSpec, state: dict[str, Tensor], path: Path, classes: int | None = None, channels: int = RGB
) -> nn.Module:
    """The architecture of a spec, every tensor of it from a state dict."""
    state = resampled(spec, state)

    def make() -> nn.Module:
        model = with_channels(build_architecture(spec, classes), channels)
        if not has_auxiliary(model, state):
            model = drop_auxiliary(model)
        try:
            model.load_state_dict(state, strict=True)
        except MisfitError:
            raise
        except RuntimeError as error:
            raise misfit(spec.name, path, _reason(error)) from None
        return model

    try:
        return build_filled(make)
    except MisfitError as error:
        raise misfit(spec.name, path, _reason(error)) from None


def resampled(spec: ModelSpec, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of a file, resampled for the size that the module is built for."""
    return with_versions(
        source_of(spec.source).resampled(spec.architecture, state, spec.input_size), versions_of(state)
    )


def load_translated(
    spec: ModelSpec, tag: str | None, state: dict[str, Tensor], path: Path, classes: int | None = None
) -> nn.Module:
    """The architecture of a spec, filled by its source.

    The source translates old names itself. It is handed tensors, never a file to unpickle.
    """
    source = source_of(spec.source)

    def make() -> nn.Module:
        copy = with_versions(state, versions_of(state))  # a source's filter may empty it
        sized = (
            {} if spec.input_size == source.facts(spec.architecture).input_size else {"input_size": spec.input_size}
        )
        return source.load(spec.architecture, tag, copy, classes, **sized)

    try:
        return named(build_filled(make, state.values()), spec.model)
    except FITTING as error:
        raise misfit(f"{spec.model}.{tag}" if tag else spec.model, path, _reason(error)) from None


FITTING = (RuntimeError, LookupError, TypeError, ValueError, AttributeError)
"""What a source's translation of names and shapes raises for tensors that are another architecture's."""


def _reason(error: Exception) -> str:
    if isinstance(error, MisfitError):
        return str(error)
    lines = [line.strip() for line in str(error).splitlines()[1:]] or [f"{type(error).__name__}: {error}"]
    return lines[0][:160]


def misfit(name: str, path: Path, problem: str) -> WeightsError:
    """The error for tensors that do not fit an architecture."""
    return WeightsError(f"{path}: does not fit {name}: {problem}; check that the file is of this architecture")

"""Tensors fitted into an architecture, by name and shape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.models.build import build_architecture, drop_auxiliary
from zoo.models.loading.tensors import versions_of, with_versions
from zoo.models.loading.unfilled import MisfitError, build_filled

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn

    from zoo.registry.spec import ModelSpec


def may_transform(spec: ModelSpec, model: nn.Module) -> bool:
    """Whether the model can turn ImageNet's normalisation into values in -1..1 itself.

    GoogLeNet's and Inception's published weights were trained on such values, and need it.
    """
    return spec.source == "torchvision" and hasattr(model, "transform_input")


def renamed(spec: ModelSpec, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """DenseNet's files date from before dots in layer names were forbidden: ``norm.1`` is ``norm1``."""
    if spec.source != "torchvision" or spec.family != "densenet":
        return state
    old = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$")
    return with_versions({old.sub(r"\1\2", key): value for key, value in state.items()}, versions_of(state))


def load_strictly(spec: ModelSpec, state: dict[str, Tensor], path: Path, classes: int | None = None) -> nn.Module:
    """The architecture of a spec, every tensor of it taken from a state dict."""
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
            raise misfit(spec.name, path, _reason(error)) from None
        return model

    try:
        return build_filled(make)
    except MisfitError as error:
        raise misfit(spec.name, path, _reason(error)) from None


def load_through_timm(name: str, state: dict[str, Tensor], path: Path, classes: int | None = None) -> nn.Module:
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
        raise misfit(f"timm/{name}", path, _reason(error)) from None


FITTING = (RuntimeError, LookupError, TypeError, ValueError, AttributeError)
"""What the library's translation of names and shapes raises for tensors that are another architecture's."""


def _reason(error: Exception) -> str:
    if isinstance(error, MisfitError):
        return str(error)
    lines = [line.strip() for line in str(error).splitlines()[1:]] or [f"{type(error).__name__}: {error}"]
    return lines[0][:160]


def misfit(name: str, path: Path, problem: str) -> WeightsError:
    """The error for tensors that do not fit an architecture."""
    return WeightsError(f"{path}: does not fit {name}: {problem}; check that the file is of this architecture")

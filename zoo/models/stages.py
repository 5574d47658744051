"""The stages of a backbone, shallow to deep, whatever its library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.models.heads import classifier_parameters

if TYPE_CHECKING:
    from torch import nn


CONTAINERS = ("features", "blocks", "layers", "stages", "encoder", "trunk", "trunk_output")
"""Children that hold the stages rather than being one."""

NEARLY_ALL = 0.8
"""Share of the parameters from which a part is no stage; the last stage of a ResNet holds up to 0.75."""


@dataclass(frozen=True)
class Stage:
    """A run of layers.

    Attributes
    ----------
    name : str
        Dotted path of the module, or ``"(root)"`` for parameters that stand on the model itself.
    parameters : tuple of (str, Parameter)
        By full name; every parameter outside the head is in exactly one stage.
    """

    name: str
    parameters: tuple[tuple[str, nn.Parameter], ...]


def stages(model: nn.Module) -> list[Stage]:
    """Stages that have parameters, in the order of the forward pass.

    That is the order in which the model registers them.
    """
    head = {name for name, _ in classifier_parameters(model)}
    places = _places(model)
    groups: dict[str, list[tuple[str, nn.Parameter]]] = {place: [] for place in ("(root)", *places)}
    for name, parameter in model.named_parameters():
        if name not in head:
            place = next((p for p in places if name.startswith(f"{p}.")), "(root)")
            groups[place].append((name, parameter))
    return [Stage(name, tuple(parameters)) for name, parameters in groups.items() if parameters]


def _places(model: nn.Module) -> list[str]:
    """Paths of the stages; a part that holds nearly everything is taken for a container, whatever its name."""
    places: list[str] = []
    for name, child in model.named_children():
        places += _children(name, child) if name in CONTAINERS else [name]
    closed = [place for place in places if place not in CONTAINERS]
    whole = _size(model)
    while closed:
        largest = max(closed, key=lambda place: _size(model.get_submodule(place)))
        part = model.get_submodule(largest)
        inner = _children(largest, part)
        if len(inner) == 1 or _size(part) < NEARLY_ALL * whole:
            break
        at = places.index(largest)
        places[at : at + 1] = inner
        closed = [place for place in (*closed, *inner) if place != largest]
    return places


def _children(name: str, part: nn.Module) -> list[str]:
    """The children of a part, then the part itself for parameters that stand on it; only itself if it has one."""
    inner = [f"{name}.{child}" for child, _ in part.named_children()]
    return [*inner, name] if len(inner) > 1 else [name]


def _size(part: nn.Module) -> int:
    return sum(parameter.numel() for parameter in part.parameters())

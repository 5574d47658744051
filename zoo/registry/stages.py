"""A backbone as a list of stages, shallow to deep, the same way for every library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.registry.heads import classifier_parameters

if TYPE_CHECKING:
    from torch import nn

CONTAINERS = ("features", "blocks", "layers", "stages", "encoder", "trunk")
"""Children that hold the stages rather than being one."""


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
    """Stages with parameters, in the order in which the model registers them (that of its forward pass)."""
    head = {name for name, _ in classifier_parameters(model)}
    places = _places(model)
    groups: dict[str, list[tuple[str, nn.Parameter]]] = {place: [] for place in ("(root)", *places)}
    for name, parameter in model.named_parameters():
        if name not in head:
            place = next((p for p in places if name.startswith(f"{p}.")), "(root)")
            groups[place].append((name, parameter))
    return [Stage(name, tuple(parameters)) for name, parameters in groups.items() if parameters]


def _places(model: nn.Module) -> list[str]:
    places = []
    for name, child in model.named_children():
        grand = [f"{name}.{inner}" for inner, _ in child.named_children()]
        if name in CONTAINERS and len(grand) > 1:
            # Parameters that stand on the container itself still find a place of their own.
            places += [*grand, name]
        else:
            places.append(name)
    return places

"""Choices of what to train in a network of any library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.models.heads import classifier_parameters
from zoo.models.stages import Stage, stages
from zoo.training.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn

    from zoo.training.recipe import Recipe


LEAST_STAGE = 0.005
"""Share of the backbone's parameters under which a stage goes with the one before it, as a last norm does."""


def everything(model: nn.Module, recipe: Recipe) -> Opened:
    """Backbone and head, the head at its own rate."""
    return Opened(model, _with_head(model, recipe, (name for name, _ in model.named_parameters())))


def all_alike(model: nn.Module, recipe: Recipe) -> Opened:  # noqa: ARG001 - every opening takes the recipe
    """Everything at one rate, and batch norm in train mode.

    Of a random start nothing is worth keeping.
    """
    return Opened(model, {name: 1.0 for name, _ in model.named_parameters()}, batch_norm="train")


def after_head(model: nn.Module, recipe: Recipe) -> Opened:  # noqa: ARG001
    """Backbone and a head that is trained already, at one rate.

    Batch norm keeps its statistics: the head knows features that were computed with them.
    """
    return Opened(model, {name: 1.0 for name, _ in model.named_parameters()}, batch_norm="eval")


def head_alone(model: nn.Module, recipe: Recipe) -> Opened:
    """The head, on a backbone that stays as it is."""
    head = _with_head(model, recipe, ())
    still = [name for name, child in model.named_children() if not _holds(name, head)]
    return Opened(model, head, batch_norm="eval", still=tuple(still))


def norms(model: nn.Module, recipe: Recipe) -> Opened:
    """Scales and shifts of normalisation layers, and the head."""
    found = [
        f"{path}.{name}" if path else name
        for path, module in model.named_modules()
        if _is_norm(module)
        for name, _ in module.named_parameters(recurse=False)
    ]
    return Opened(model, _with_head(model, recipe, found))


def biases(model: nn.Module, recipe: Recipe) -> Opened:
    """Biases of every layer, and the head."""
    names = (name for name, _ in model.named_parameters())
    return Opened(model, _with_head(model, recipe, (name for name in names if name.rpartition(".")[2] == "bias")))


def last_stages(model: nn.Module, recipe: Recipe, count: int) -> Opened:
    """The last stages and the head, the others as they are."""
    groups = grouped_stages(model)
    opened = [stage for group in groups[-count:] for stage in group]
    closed = [stage.name for group in groups[:-count] for stage in group]
    names = [name for stage in opened for name, _ in stage.parameters]
    return Opened(model, _with_head(model, recipe, names), still=tuple(_modules(model, closed)))


def decayed(model: nn.Module, recipe: Recipe, factor: float) -> Opened:
    """Everything, each stage at a fraction of the next one's rate.

    The last stage learns at the peak rate, the head at its own.
    """
    rates: dict[str, float] = {}
    for depth, group in enumerate(reversed(grouped_stages(model))):
        rates |= {name: factor**depth for stage in group for name, _ in stage.parameters}
    return Opened(model, rates | _with_head(model, recipe, ()))


def grouped_stages(model: nn.Module) -> list[list[Stage]]:
    """Stages, shallow to deep, the smallest with the one before.

    What stands before the first of them goes with it.
    """
    found = stages(model)
    whole = sum(parameter.numel() for stage in found for _, parameter in stage.parameters)
    groups: list[list[Stage]] = []
    waiting: list[Stage] = []
    for stage in found:
        size = sum(parameter.numel() for _, parameter in stage.parameters)
        if size >= LEAST_STAGE * whole:
            groups.append([*waiting, stage])
            waiting = []
        elif groups:
            groups[-1].append(stage)
        else:
            waiting.append(stage)
    return groups or [waiting]


def _with_head(model: nn.Module, recipe: Recipe, names: Iterable[str]) -> dict[str, float]:
    head = dict.fromkeys((name for name, _ in classifier_parameters(model)), recipe.head_rate_factor)
    return dict.fromkeys(names, 1.0) | head


def _holds(module: str, names: Iterable[str]) -> bool:
    return any(name.startswith(f"{module}.") for name in names)


def _modules(model: nn.Module, names: Iterable[str]) -> list[str]:
    known = dict(model.named_modules())
    return [name for name in names if name in known]


def _is_norm(module: nn.Module) -> bool:
    """Whether a layer normalises; libraries' own classes are named for what they do."""
    from torch import nn
    from torch.nn.modules.batchnorm import _BatchNorm

    known = (_BatchNorm, nn.LayerNorm, nn.GroupNorm, nn.LocalResponseNorm)
    return isinstance(module, known) or "norm" in type(module).__name__.lower()

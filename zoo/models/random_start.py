"""Random starts of networks whose constructors anybody wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn


def fresh(build: Callable[[], nn.Module]) -> tuple[nn.Module, tuple[str, ...]]:
    """A network drawn anew, and the parameters that cannot be.

    A constructor may load weights whatever it was asked for. Every layer that can draw its own parameters does so;
    of the others, those that are the same in two networks built one after the other are no random start.

    Parameters
    ----------
    build : callable
        Draws from torch's random numbers.

    Returns
    -------
    model : Module
    fixed : tuple of str
        Names of parameters that hold more than one value, and the same ones in every network.
    """
    import torch

    model, other = build(), build()
    for made in (model, other):
        for module in made.modules():
            if callable(reset := getattr(module, "reset_parameters", None)):
                reset()
    beside = dict(other.named_parameters())
    fixed = tuple(
        name
        for name, parameter in model.named_parameters()
        if parameter.numel() > 1
        and not bool((parameter == parameter.flatten()[0]).all())
        and torch.equal(parameter, beside[name])
    )
    return model, fixed


def fixed_line(fixed: tuple[str, ...]) -> str:
    """The flag of a random start that is none, empty where all is drawn."""
    if not fixed:
        return ""
    named = ", ".join(fixed[:3]) + (f" and {len(fixed) - 3} more" if len(fixed) > 3 else "")
    return f"no random start: the model's constructor gives {named} the same values whatever the seed"

"""Parameters, MACs and activations of an architecture."""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.sources.forms import deploy
from zoo.sources.lazy import is_lazy

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn


AUXILIARY = ("aux1", "aux2", "AuxLogits")
"""Heads that GoogLeNet and Inception use in training alone; they are no part of the model as used."""

COUNTED_FOR_REAL = ("LSTM", "GRU", "RNN")
"""Layers whose multiplications the meta device does not show to the counter."""


@dataclass(frozen=True, slots=True)
class StaticFacts:
    """What one forward pass of one image takes.

    Attributes
    ----------
    params : int or None
        As used for inference: without auxiliary heads. None where the model could not be built.
    macs : float or None
        Multiply-accumulates of matrix products and convolutions; half of what PyTorch's
        ``FlopCounterMode`` counts. None where the pass could not be traced.
    activations : float or None
        Output elements of all convolutions and linear layers.
    reason : str
        Why counts are missing, where they are.
    deployed_params, deployed_macs : int, float or None
        Of the form that is deployed; None where it could not be made.
    """

    params: int | None
    macs: float | None
    activations: float | None
    reason: str = ""
    deployed_params: int | None = None
    deployed_macs: float | None = None


def count(build: Callable[[], nn.Module], input_size: tuple[int, int, int], *, on_meta: bool = True) -> StaticFacts:
    """Count the model that ``build`` makes, for one image of ``input_size``.

    First on the meta device, which takes neither weights nor memory; where a model does not support that, for real
    on the CPU. What the model raises there too is the reason of counts that are missing, never an error of this
    function.

    Parameters
    ----------
    build : callable
        Makes the module, randomly initialised.
    input_size : tuple of int
        Channels, height, width.
    on_meta : bool
        Whether it may be built on the meta device.
    """
    import torch

    # Whoever asks may be in inference mode, under which some operators hide from the counter.
    with warnings.catch_warnings(), torch.inference_mode(False):
        warnings.simplefilter("ignore")
        if on_meta:
            try:
                with torch.device("meta"):
                    model = build()
                if any(type(module).__name__ in COUNTED_FOR_REAL for module in model.modules()):
                    model = build()
                return _count(model, input_size)
            except Exception:  # noqa: BLE001, S110 - whatever a model cannot do on meta, it may do for real
                pass
        built = None
        try:
            built = build()
            return _count(built, input_size)
        except Exception as error:  # noqa: BLE001 - the reason is kept; the parameters of what was built still count
            lines = str(error).strip().splitlines() or [""]
            params = None if built is None else _params(built)
            return StaticFacts(params, None, None, f"{type(error).__name__}: {lines[0]}".rstrip(": "))


def _params(model: nn.Module) -> int | None:
    if is_lazy(model):
        return None
    parts = ((name.split(".", 1)[0], parameter) for name, parameter in model.named_parameters())
    return sum(parameter.numel() for part, parameter in parts if part not in AUXILIARY)


def _count(model: nn.Module, input_size: tuple[int, int, int]) -> StaticFacts:
    # Cait needs its parameters frozen.
    model.eval().requires_grad_(False)
    params = _params(model)
    macs, activations = _of_a_pass(model, input_size)
    deployed_params: int | None = None
    deployed_macs: float | None = None
    with suppress(Exception):  # a model that has no deployed form, or another than it seems, has no counts of it
        deployed_params, deployed_macs = _deployed(model, input_size, macs)
    return StaticFacts(params, macs, activations, "", deployed_params, deployed_macs)


def _deployed(model: nn.Module, input_size: tuple[int, int, int], macs: float) -> tuple[int | None, float]:
    """Parameters and MACs of the deployed form, into which the model is brought."""
    import torch

    device = next(model.parameters()).device
    with device:  # where a library's fusion makes its new layers
        found = deploy(model, torch.zeros(1, *input_size))
    # What is folded alone multiplies as before.
    return _params(model), _of_a_pass(model, input_size)[0] if found.fused else macs


def _of_a_pass(model: nn.Module, input_size: tuple[int, int, int]) -> tuple[float, float]:
    """MACs and activations of one image."""
    import torch
    from torch import nn
    from torch.utils.flop_counter import FlopCounterMode

    device = next(model.parameters()).device
    outputs: list[int] = []

    def note(_module: nn.Module, _inputs: Any, output: Any) -> None:
        if isinstance(output, torch.Tensor):
            outputs.append(output.numel())

    kinds = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.Linear)
    hooks = [module.register_forward_hook(note) for module in model.modules() if isinstance(module, kinds)]
    try:
        # Without gradients by no_grad and not by inference mode, as above.
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(torch.zeros(1, *input_size, device=device))
    finally:
        for hook in hooks:
            hook.remove()
    return counter.get_total_flops() / 2, float(sum(outputs))

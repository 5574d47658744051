"""The forms of a model: as it is trained, and as it is deployed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zoo.errors import UnknownNameError, ZooError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import torch
    from torch import Tensor, nn


DEPLOYED, TRAINED = "deployed", "trained"
FORMS = (DEPLOYED, TRAINED)
"""Branches and batch norms put into convolutions, and as built."""

MOST_DIFFERENCE = 1e-3
"""Largest relative difference of the outputs of the two forms in fp32."""

ROUNDING = 4
"""Where a model amplifies rounding, its forms may differ by so many times what the images' last bits do to it."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A model in the form that is deployed.

    Attributes
    ----------
    model : Module
    fused : int
        Tensors of parameters that went where the library put branches into one layer.
    folded : int
        Batch norms that went into the convolution before them.
    difference : float
        The largest difference of an output from that of the trained form, over the largest output; NaN on the meta
        device, where there are no values.
    """

    model: nn.Module
    fused: int
    folded: int
    difference: float


def check_form(form: str) -> None:
    """Refuse an unknown form.

    Raises
    ------
    UnknownNameError
    """
    if form not in FORMS:
        raise UnknownNameError("form", form, FORMS, f"permitted: {', '.join(FORMS)}")


def deploy(model: nn.Module, images: Tensor) -> Deployed:
    """Bring a model in eval mode into the form that is deployed.

    First its library's own fusion of branches, where it has one; then every batch norm that is alone in taking the
    output of a convolution goes into that convolution. The model itself is changed.

    Parameters
    ----------
    model : Module
        In eval mode, frozen or not.
    images : Tensor
        Some that it takes (N, channels, height, width), on its device. The outputs of both forms are compared on
        them.

    Raises
    ------
    ZooError
        Where the outputs of the two forms differ by more than :data:`MOST_DIFFERENCE`, and by more than rounding
        does.
    """
    import torch

    with torch.no_grad():
        before = model(images)
        fused = fuse(model)
        pairs = foldable(model, images)
        fold(model, pairs)
        difference = relative_difference(model(images), before)
        if difference > MOST_DIFFERENCE and not is_rounding(difference, model, images):
            raise ZooError(
                f"the deployed form gives other outputs than the trained one (relative difference {difference:.2g}, "
                f"at most {MOST_DIFFERENCE:g})"
            )
    return Deployed(model, fused, len(pairs), difference)


def relative_difference(found: Any, wanted: Any) -> float:
    """The largest difference of two outputs over the second's largest value.

    NaN of what is no tensor of values; infinity where the shapes differ, or one is not finite where the other is.
    """
    import torch

    if not isinstance(found, torch.Tensor) or not isinstance(wanted, torch.Tensor) or wanted.is_meta:
        return math.nan
    if found.shape != wanted.shape:
        return math.inf
    gap = (found.double() - wanted.double()).abs().max().item()
    most = wanted.double().abs().max().item()
    return gap / most if most and math.isfinite(gap) else 0.0 if gap == 0 else math.inf


def is_rounding(difference: float, call: Callable[[Tensor], Tensor], images: Tensor) -> bool:
    """Whether a difference of outputs is of the size that rounding makes.

    Deep models with random weights may amplify the last bit of their images to a tenth of their outputs. Two ways to
    compute the same then differ as much, and the difference tells nothing of either.
    """
    import torch

    nearby = torch.nextafter(images, images.flip(-1))  # up or down by turns, as rounding goes
    return math.isfinite(difference) and difference <= ROUNDING * relative_difference(call(nearby), call(images))


def fuse(model: nn.Module) -> int:
    """Put branches into one layer, and count the tensors that went.

    By the modules' own methods, as timm calls them.
    """
    from timm.utils.model import reparameterize_model

    before = sum(1 for _ in model.parameters())
    reparameterize_model(model, inplace=True)
    return before - sum(1 for _ in model.parameters())


def fold(model: nn.Module, pairs: Iterable[tuple[str, str]]) -> None:
    """Put batch norms into convolutions, by names of :func:`foldable`."""
    every = dict(model.named_modules())
    for convolution, norm in pairs:
        _take(every[convolution], every[norm])
        after = _after(every[norm])
        for parent in model.modules():
            for name, child in parent.named_children():
                if child is every[norm]:
                    setattr(parent, name, after)


def foldable(model: nn.Module, images: Tensor) -> list[tuple[str, str]]:
    """Names of convolutions with the batch norm that alone takes its output.

    Both are called once. The model is called to see that, and stays as it is.
    """
    import torch
    from torch import nn

    every = dict(model.named_modules())
    by_weight = {id(m.weight): name for name, m in every.items() if isinstance(m, nn.Conv2d)}
    by_mean = {
        id(m.running_mean): name for name, m in every.items() if isinstance(m, nn.BatchNorm2d) and _is_foldable(m)
    }
    calls: dict[int, int] = {}  # of a convolution, and of a batch norm, by their tensors
    made: dict[int, tuple[int, Tensor]] = {}  # outputs of convolutions, held so that none other takes their place
    taken: dict[int, list[int | None]] = {}  # by what, for each output

    def look(function: Any, inputs: list[Tensor], output: Any) -> None:
        name = function._schema.name
        norm = next((id(one) for one in inputs if id(one) in by_mean), None) if "batch_norm" in name else None
        for one in inputs:
            if id(one) in made:
                taken[id(one)].append(norm)
        if norm is not None:
            calls[norm] = calls.get(norm, 0) + 1
        weight = next((id(one) for one in inputs if id(one) in by_weight), None)
        if weight is not None:
            calls[weight] = calls.get(weight, 0) + 1
            if "conv" in name:  # conv2d in inference mode, else convolution
                made[id(output)] = (weight, output)
                taken[id(output)] = []

    with torch.no_grad(), _watching(look):
        model(images)
    found = []
    for output, (weight, _) in made.items():
        norm = taken[output][0] if len(taken[output]) == 1 else None
        if norm is not None and calls[weight] == calls[norm] == 1:
            found.append((by_weight[weight], by_mean[norm]))
    return found


def _is_foldable(norm: nn.BatchNorm2d) -> bool:
    """Whether a batch norm has statistics of its own, and at most an activation behind it."""
    return type(norm).__name__ in ("BatchNorm2d", "BatchNormAct2d") and norm.running_mean is not None


def _after(norm: nn.BatchNorm2d) -> nn.Module:
    """What is left of a batch norm that went into a convolution."""
    from torch import nn

    held = dict(norm.named_children())
    parts = [held[name] for name in ("drop", "act") if name in held and not isinstance(held[name], nn.Identity)]
    if len(parts) == 1:
        return parts[0]
    return nn.Sequential(*parts) if parts else nn.Identity()


def _take(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    """Scale a convolution, and shift its output, as a batch norm behind it does."""
    import torch
    from torch import nn
    from torch.nn.utils.fusion import fuse_conv_bn_weights

    assert norm.running_mean is not None
    assert norm.running_var is not None
    weight, bias = fuse_conv_bn_weights(
        convolution.weight,
        convolution.bias,
        norm.running_mean,
        norm.running_var,
        norm.eps,
        norm.weight,
        norm.bias,
    )
    needed = convolution.weight.requires_grad
    with torch.no_grad():
        convolution.weight = nn.Parameter(weight.detach(), needed)
        convolution.bias = nn.Parameter(bias.detach(), needed)


def _watching(look: Callable[[Any, list[Tensor], Any], None]) -> torch.utils._python_dispatch.TorchDispatchMode:
    """Show every operation with the tensors that it takes and what it returns."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    class Watching(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            output = func(*args, **(kwargs or {}))
            look(func, [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)], output)
            return output

    return Watching()  # type: ignore[no-untyped-call]

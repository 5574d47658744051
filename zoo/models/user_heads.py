"""Where a model of no library keeps its classifier: what changes with the number of classes, or what is tried."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.models.new_head import new_head, put
from zoo.registry.sources import user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn


TRIED = (7, 11)
"""Numbers of classes that hardly any layer has by chance."""

USUAL_PLACES = ("fc", "classifier", "head", "heads")
"""Where a head is tried first."""

LAST = 8
"""Layers, from the last one, that are tried after those."""

NAME, HEAD = "_zoo_name", "_zoo_head"
"""Attributes of a module: the name that it was registered under, and where its head was found."""


def build_own(name: str, num_classes: int | None) -> nn.Module:
    """A registered model, which knows its name, as its constructor makes it (1000 classes where none are named)."""
    own = user.registered()[name]
    model = own.build(num_classes or 1000)
    setattr(model, NAME, name)
    return model


def ignores_classes(name: str) -> bool:
    """Whether a registered constructor makes the same layers for any number of classes."""
    return _changing(user.registered()[name]) == []


def head_paths(model: nn.Module) -> list[str]:
    """Dotted paths of the layers, or of parameters of the model itself, that make up the classifier.

    A registered model is built with two numbers of classes, and what differs is its head. Where nothing differs,
    or the model was never registered, the head is the layer that gives the output another width when it is
    exchanged for one of another width.

    Raises
    ------
    ZooError
        Where neither tells.
    """
    held: list[str] | None = getattr(model, HEAD, None)
    if held is None:
        own = user.registered().get(getattr(model, NAME, ""))
        changing = _changing(own) if own else None
        # A parameter that stands on the model itself is in no layer, and is its own path.
        layers = dict.fromkeys(name.rpartition(".")[0] or name for name in changing or ())
        held = list(layers) or [_by_trying(model, own)]
        setattr(model, HEAD, held)
    there = {name for name, _ in (*model.named_modules(), *model.named_parameters())}
    return [path for path in held if path in there]  # auxiliary heads may have been dropped


def fresh_heads(model: nn.Module, paths: list[str], num_classes: int) -> list[nn.Module]:
    """New layers for ``paths``: of the same kind, or as the registered constructor makes them.

    Raises
    ------
    ZooError
        Where a head is no layer, or of a kind that only its constructor could make, and there is none.
    """
    from torch import nn

    modules = dict(model.named_modules())
    bare = [path for path in paths if path not in modules]
    if bare:
        raise ZooError(
            f"the head of {_name(model)} is a parameter of its own ({bare[0]}), which cannot be exchanged; "
            "keep it in a layer, such as nn.Linear"
        )
    own = user.registered().get(getattr(model, NAME, ""))
    plain = len(paths) == 1 and isinstance(modules[paths[0]], nn.Linear | nn.Conv2d)
    if num_classes == 0 or plain or own is None:
        return [new_head(modules[path], num_classes) for path in paths]
    made = own.build(num_classes)
    return [made.get_submodule(path) for path in paths]


def _name(model: nn.Module) -> str:
    return getattr(model, NAME, type(model).__name__)


def _changing(own: user.UserModel) -> list[str] | None:
    """Names of parameters and buffers that differ with the number of classes; None where it cannot be built so."""
    try:
        few, more = (_shapes(own, classes) for classes in TRIED)
    except Exception:  # noqa: BLE001 - anybody's code; it is only asked where its head is
        return None
    return [name for name in few | more if few.get(name) != more.get(name)]


def _shapes(own: user.UserModel, num_classes: int) -> dict[str, str]:
    """Shapes by name; nothing is drawn from the random numbers of whoever asks."""
    import torch
    from torch.nn.parameter import is_lazy

    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with torch.device("meta"):
                model = own.build(num_classes)
        except Exception:  # noqa: BLE001 - whatever a model cannot do on meta, it may do for real
            model = own.build(num_classes)
    shapes = {}
    for path, module in model.named_modules():
        prefix = f"{path}." if path else ""
        for held in (module.named_parameters, module.named_buffers):
            for name, value in held(recurse=False):
                # A lazy layer has no shape before its first input, but it states its width.
                shapes[prefix + name] = module.extra_repr() if is_lazy(value) else str(tuple(value.shape))
    return shapes


def _by_trying(model: nn.Module, own: user.UserModel | None) -> str:
    import torch

    size = own.facts.input_size if own else (3, 224, 224)
    trial = copy.deepcopy(model).to("meta").eval()
    for path in _candidates(trial):
        old = trial.get_submodule(path)
        with torch.device("meta"):
            put(trial, path, new_head(old, TRIED[0]))
            if _width(trial, size) == TRIED[0]:
                return path
        put(trial, path, old)
    raise ZooError(
        f"cannot tell the head of {_name(model)}: no layer changes with num_classes, and exchanging a linear layer "
        "or a convolution does not change the width of the output; give its last layer num_classes outputs"
    )


def _candidates(model: nn.Module) -> Iterator[str]:
    from torch import nn

    layers = [name for name, module in model.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)]
    usual = ([name for name in layers if name.split(".", 1)[0] == place] for place in USUAL_PLACES)
    yield from dict.fromkeys([*(names[-1] for names in usual if names), *reversed(layers[-LAST:])])


def _width(model: nn.Module, size: tuple[int, int, int]) -> int | None:
    """Width of the output for two images; None where the layer does not fit in, or there is no such output."""
    import torch

    try:
        with torch.no_grad():
            output = model(torch.zeros(2, *size, device="meta"))
    except Exception:  # noqa: BLE001 - a layer that is not the head breaks the next one
        return None
    return int(output.shape[1]) if isinstance(output, torch.Tensor) and output.ndim == 2 else None

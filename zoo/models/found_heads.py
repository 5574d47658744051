"""Heads that no source states, found by what changes with them."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.models.new_head import new_head, put
from zoo.sources.lookup import source_of
from zoo.sources.naming import parse_name
from zoo.sources.weightless import on_meta

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import nn


TRIED = (7, 11)
"""Numbers of classes that hardly any layer has by chance."""

USUAL_PLACES = ("fc", "classifier", "head", "heads")
"""Where a head is tried first."""

LAST = 8
"""Layers, from the last one, that are tried after those."""

NAME, HEAD = "_zoo_name", "_zoo_head"
"""Attributes of a module: the model that it was built as, and where its head was found."""


def named(module: nn.Module, model: str) -> nn.Module:
    """Note on a module which model it is."""
    setattr(module, NAME, model)
    return module


def name_of(module: nn.Module) -> str | None:
    """``source/architecture`` that a module was built as, None if it was not."""
    found: str | None = getattr(module, NAME, None)
    return found


def ignores_classes(model: str) -> bool:
    """Whether a model has the same layers for any number of classes."""
    return _changing(_builder(model)) == []


def found_head_paths(module: nn.Module) -> list[str]:
    """Dotted paths of the layers that make up the classifier.

    Or of parameters of the model itself. The model is built with two numbers of classes, and what differs is its
    head. Where nothing differs, or the zoo did not build it, the head is the layer that gives the output another
    width when it is exchanged for one of another width.

    Raises
    ------
    ZooError
        Where neither tells.
    """
    held: list[str] | None = getattr(module, HEAD, None)
    if held is None:
        model = name_of(module)
        changing = _changing(_builder(model)) if model else None
        # A parameter that stands on the model itself is in no layer, and is its own path.
        layers = dict.fromkeys(name.rpartition(".")[0] or name for name in changing or ())
        held = list(layers) or [_by_trying(module)]
        setattr(module, HEAD, held)
    there = {name for name, _ in (*module.named_modules(), *module.named_parameters())}
    return [path for path in held if path in there]  # auxiliary heads may have been dropped


def fresh_heads(module: nn.Module, paths: list[str], num_classes: int) -> list[nn.Module]:
    """New layers for ``paths``, of the same kind or as the model is built.

    Raises
    ------
    ZooError
        Where a head is no layer, or of a kind that only its constructor could make, and there is none.
    """
    from torch import nn

    modules = dict(module.named_modules())
    bare = [path for path in paths if path not in modules]
    if bare:
        raise ZooError(
            f"the head of {_shown(module)} is a parameter of its own ({bare[0]}), which cannot be exchanged; "
            "keep it in a layer, such as nn.Linear"
        )
    model = name_of(module)
    plain = len(paths) == 1 and isinstance(modules[paths[0]], nn.Linear | nn.Conv2d)
    if num_classes == 0 or plain or model is None:
        return [new_head(modules[path], num_classes) for path in paths]
    made = _builder(model)(num_classes)
    return [made.get_submodule(path) for path in paths]


def _shown(module: nn.Module) -> str:
    return name_of(module) or type(module).__name__


def _builder(model: str) -> Callable[[int], nn.Module]:
    name = parse_name(model)
    source = source_of(name.source or "")
    size = source.facts(name.architecture).input_size
    return lambda num_classes: source.build(name.architecture, size, num_classes)


def _changing(build: Callable[[int], nn.Module]) -> list[str] | None:
    """Names of parameters and buffers that differ with the number of classes; None where it cannot be built so."""
    try:
        few, more = (_shapes(build, classes) for classes in TRIED)
    except Exception:  # noqa: BLE001 - anybody's code; it is only asked where its head is
        return None
    return [name for name in few | more if few.get(name) != more.get(name)]


def _shapes(build: Callable[[int], nn.Module], num_classes: int) -> dict[str, str]:
    """Shapes by name; nothing is drawn from the random numbers of whoever asks."""
    import torch
    from torch.nn.parameter import is_lazy

    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with on_meta():
                module = build(num_classes)
        except Exception:  # noqa: BLE001 - whatever a model cannot do on meta, it may do for real
            module = build(num_classes)
    shapes = {}
    for path, part in module.named_modules():
        prefix = f"{path}." if path else ""
        for held in (part.named_parameters, part.named_buffers):
            for name, value in held(recurse=False):
                # A lazy layer has no shape before its first input, but it states its width.
                shapes[prefix + name] = part.extra_repr() if is_lazy(value) else str(tuple(value.shape))
    return shapes


def _by_trying(module: nn.Module) -> str:
    import torch

    model = name_of(module)
    size = (3, 224, 224)
    if model is not None:
        name = parse_name(model)
        size = source_of(name.source or "").facts(name.architecture).input_size
    trial = copy.deepcopy(module).to("meta").eval()
    for path in _candidates(trial):
        old = trial.get_submodule(path)
        with torch.device("meta"):
            put(trial, path, new_head(old, TRIED[0]))
            if _width(trial, size) == TRIED[0]:
                return path
        put(trial, path, old)
    raise ZooError(
        f"cannot tell the head of {_shown(module)}: no layer changes with num_classes, and exchanging a linear layer "
        "or a convolution does not change the width of the output; give its last layer num_classes outputs"
    )


def _candidates(module: nn.Module) -> Iterator[str]:
    from torch import nn

    layers = [name for name, part in module.named_modules() if isinstance(part, nn.Linear | nn.Conv2d)]
    usual = ([name for name in layers if name.split(".", 1)[0] == place] for place in USUAL_PLACES)
    yield from dict.fromkeys([*(names[-1] for names in usual if names), *reversed(layers[-LAST:])])


def _width(module: nn.Module, size: tuple[int, int, int]) -> int | None:
    """Width of the output for two images; None where the layer does not fit in, or there is no such output."""
    import torch

    try:
        with torch.no_grad():
            output = module(torch.zeros(2, *size, device="meta"))
    except Exception:  # noqa: BLE001 - a layer that is not the head breaks the next one
        return None
    return int(output.shape[1]) if isinstance(output, torch.Tensor) and output.ndim == 2 else None

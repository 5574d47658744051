"""Classifier heads of every shape: found, exchanged, taken off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.models.found_heads import found_head_paths, fresh_heads, name_of
from zoo.models.new_head import put
from zoo.sources import SOURCES
from zoo.sources.lookup import source_of
from zoo.sources.naming import parse_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

    from zoo.sources.base import Source


def _sources(model: nn.Module) -> Iterator[Source]:
    """Who may know where a module keeps its head: what built it, then the library of its class."""
    name = name_of(model)
    built_by = None if name is None else source_of(parse_name(name).source or "")
    if built_by is not None:
        yield built_by
    package = type(model).__module__.partition(".")[0]
    library = SOURCES.get(package) if package in SOURCES else None
    if library is not None and library is not built_by and library.owns(model):
        yield library


def has_head(model: nn.Module) -> bool:
    """Whether the classifier of a module can be found and exchanged."""
    for source in _sources(model):
        known = source.can_exchange_head(model)
        if known is not None:
            return known
    try:
        _head_paths(model)
    except ZooError:
        return False
    return True


def classifier_parameters(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Names and parameters of the head, none where it was taken off."""
    paths = _head_paths(model)
    return [
        (name, parameter)
        for name, parameter in model.named_parameters()
        if any(name == path or name.startswith(f"{path}.") for path in paths)
    ]


def head_width(model: nn.Module) -> int:
    """Classes of the head that a module has, 0 where it has none.

    Raises
    ------
    ZooError
        Where the head cannot be found.
    """
    for source in _sources(model):
        width = source.classes(model)
        if width is not None:
            return width
    return next((len(parameter) for _, parameter in classifier_parameters(model)), 0)


def _head_paths(model: nn.Module) -> list[str]:
    for source in _sources(model):
        paths = source.head_paths(model)
        if paths is not None:
            return paths
    return found_head_paths(model)


def replace_head(model: nn.Module, num_classes: int) -> nn.Module:
    """Give a module, in place, a new head, or none.

    Nothing else is touched. Without a head, ``forward`` gives the pooled features that the head would have read,
    (N, D).

    Parameters
    ----------
    model : Module
        Of any source, or of none.
    num_classes : int
        0 takes the head off.

    Raises
    ------
    ZooError
        For a negative number, and where the head cannot be found or exchanged.
    """
    if num_classes < 0:
        raise ZooError(f"num_classes must be 0 (features) or more, not {num_classes}")
    if any(source.exchange_head(model, num_classes) for source in _sources(model)):
        return model
    paths = _head_paths(model)
    for path, head in zip(paths, fresh_heads(model, paths, num_classes), strict=True):
        put(model, path, head)
    return model

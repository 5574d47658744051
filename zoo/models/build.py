"""Architectures as modules with random weights, and their heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.models.found_heads import ignores_classes, name_of, named
from zoo.models.heads import has_head, replace_head
from zoo.sources.counting import AUXILIARY
from zoo.sources.lookup import source_of
from zoo.sources.naming import parse_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn

    from zoo.sources.spec import ModelSpec


def build_architecture(spec: ModelSpec, num_classes: int | None = None) -> nn.Module:
    """The module with random weights, its auxiliary heads still on.

    The device context decides where it is.
    """
    source = source_of(spec.source)
    # A model that is not built without a head is built with one, which is then taken off.
    built_with = num_classes if source.heads == "built" else num_classes or None
    model = named(source.build(spec.architecture, spec.input_size, built_with), spec.model)
    if num_classes is None or source.heads == "built":
        return model
    exchanged = num_classes == 0 or source.heads == "exchanged" or ignores_classes(spec.model)
    return replace_head(model, num_classes) if exchanged else model


def with_head(model: nn.Module, spec: ModelSpec, num_classes: int) -> nn.Module:
    """A module with a new head of ``num_classes``, or none for 0.

    Every other tensor keeps its bits.

    Raises
    ------
    ZooError
        Where the head cannot be found or exchanged.
    """
    if has_head(model) or (num_classes == 0 and source_of(spec.source).heads != "built"):
        return replace_head(model, num_classes)
    # What cannot exchange its head is built with the right one, and takes everything else over.
    fresh = build_architecture(spec, num_classes)
    wanted = fresh.state_dict()
    kept = {k: v for k, v in model.state_dict().items() if k in wanted and wanted[k].shape == v.shape}
    fresh.load_state_dict(kept, strict=False)
    return fresh


def _auxiliary(model: nn.Module) -> tuple[str, ...]:
    """Names of such heads: the two known networks', whoever has them, and those that the source states."""
    name = name_of(model)
    stated = () if name is None else source_of(parse_name(name).source or "").auxiliary
    return tuple(dict.fromkeys((*AUXILIARY, *stated)))


def has_auxiliary(model: nn.Module, names: Iterable[str]) -> bool:
    """Whether names of tensors are those of heads that are for training alone."""
    return not {name.partition(".")[0] for name in names}.isdisjoint(_auxiliary(model))


def drop_auxiliary(model: nn.Module) -> nn.Module:
    """Take off heads that exist for training from scratch alone.

    The output is then one tensor always.
    """
    found = [part for part in _auxiliary(model) if getattr(model, part, None) is not None]
    for part in found:
        setattr(model, part, None)
    if found:
        model.aux_logits = False  # type: ignore[assignment]
    return model

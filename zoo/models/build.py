"""Architectures as modules with random weights, and heads exchanged on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.models.heads import has_head, replace_head
from zoo.models.user_heads import build_own, ignores_classes
from zoo.registry.counting import AUXILIARY
from zoo.registry.sources import load_source, user

if TYPE_CHECKING:
    from torch import nn

    from zoo.registry.spec import ModelSpec


def build_architecture(spec: ModelSpec, num_classes: int | None = None) -> nn.Module:
    """Randomly initialised module, its auxiliary heads still on; the device context decides where."""
    full = f"{spec.source}/{spec.architecture}"
    if full in user.registered():
        own = build_own(full, num_classes)
        exchanged = num_classes == 0 or (num_classes is not None and ignores_classes(full))
        return replace_head(own, num_classes or 0) if exchanged else own
    if spec.source == "timm":
        # The library exchanges heads itself while it builds, also those of models that cannot do it later.
        import timm

        built: nn.Module = timm.create_model(spec.architecture, pretrained=False, **_classes(num_classes))
        if num_classes is not None and not hasattr(built, "get_classifier"):
            raise ZooError(f"{full} is an encoder that returns tokens; it has neither a head nor pooled features")
        return built
    model: nn.Module = load_source(spec.source).build(spec.architecture, spec.input_size)
    return model if num_classes is None else replace_head(model, num_classes)


def _classes(num_classes: int | None) -> dict[str, Any]:
    return {} if num_classes is None else {"num_classes": num_classes}


def with_head(model: nn.Module, spec: ModelSpec, num_classes: int) -> nn.Module:
    """``model`` with a new head of ``num_classes``, or none for 0; every other tensor keeps its bits.

    Raises
    ------
    ZooError
        Where the head cannot be found or exchanged.
    """
    exchangeable = hasattr(model, "reset_classifier") if spec.source == "timm" else has_head(model)
    if exchangeable or (num_classes == 0 and spec.source != "timm"):
        return replace_head(model, num_classes)
    # What cannot exchange its head is built with the right one, and takes everything else over.
    fresh = build_architecture(spec, num_classes)
    wanted = fresh.state_dict()
    kept = {k: v for k, v in model.state_dict().items() if k in wanted and wanted[k].shape == v.shape}
    fresh.load_state_dict(kept, strict=False)
    return fresh


def drop_auxiliary(model: nn.Module) -> nn.Module:
    """Take off heads that exist for training from scratch alone, so that the output is one tensor always."""
    found = [part for part in AUXILIARY if getattr(model, part, None) is not None]
    for part in found:
        setattr(model, part, None)
    if found:
        model.aux_logits = False  # type: ignore[assignment]
    return model

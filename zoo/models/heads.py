"""Classifier heads of every shape: found, replaced, taken off; and the width of what comes before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.models.new_head import put
from zoo.models.user_heads import fresh_heads, head_paths

if TYPE_CHECKING:
    from torch import nn


TORCHVISION_HEADS = {
    "alexnet": "classifier.6",
    "convnext": "classifier.2",
    "densenet": "classifier",
    "efficientnet": "classifier.1",
    "googlenet": "fc",
    "inception": "fc",
    "maxvit": "classifier.5",
    "mnasnet": "classifier.1",
    "mobilenetv2": "classifier.1",
    "mobilenetv3": "classifier.3",
    "regnet": "fc",
    "resnet": "fc",
    "shufflenetv2": "fc",
    "squeezenet": "classifier.1",
    "swin_transformer": "head",
    "vgg": "classifier.6",
    "vision_transformer": "heads.head",
}
"""Where each of torchvision's modules keeps its classifier."""


def library_of(model: nn.Module) -> str:
    """``torchvision``, ``timm`` or ``user``: whose way of keeping a head the model has."""
    root = type(model).__module__.split(".", 1)[0]
    if root == "torchvision":
        return root if _kind(model) in TORCHVISION_HEADS else "user"
    return root if root == "timm" else "user"


def _kind(model: nn.Module) -> str:
    return type(model).__module__.rsplit(".", 1)[-1]


def has_head(model: nn.Module) -> bool:
    """Whether the classifier of a torchvision or user model can be found."""
    try:
        _head_paths(model)
    except ZooError:
        return False
    return True


def classifier_parameters(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Names and parameters of the head; empty where it was taken off."""
    paths = _head_paths(model)
    return [
        (name, parameter)
        for name, parameter in model.named_parameters()
        if any(name == path or name.startswith(f"{path}.") for path in paths)
    ]


def _head_paths(model: nn.Module) -> list[str]:
    library = library_of(model)
    if library == "torchvision":
        return [TORCHVISION_HEADS[_kind(model)]]
    if library == "user":
        return head_paths(model)
    any_model: Any = model
    head = any_model.get_classifier() if hasattr(model, "get_classifier") else None
    heads = head if isinstance(head, tuple) else (head,)
    found = [name for name, module in model.named_modules() if any(module is h for h in heads)]
    config = getattr(model, "pretrained_cfg", None) or {}
    stated = config.get("classifier") if hasattr(config, "get") else getattr(config, "classifier", None)
    # One names what the other leaves out: the second head of a distilled model, the auxiliary one of VOLO.
    found += [stated] if isinstance(stated, str) else list(stated or ())
    return list(dict.fromkeys(_with_its_norm(model, path) for path in found))


def _with_its_norm(model: nn.Module, path: str) -> str:
    """The classifier, or the part around it where that is a batch norm and the classifier alone.

    In LeViT and its like the two are one module, and ``reset_classifier`` exchanges both.
    """
    from torch import nn

    parent = path.rpartition(".")[0]
    try:
        around = list(model.get_submodule(parent).children()) if parent else []
    except AttributeError:
        return path
    simple = (nn.BatchNorm1d, nn.Dropout, nn.Identity, nn.Linear)
    normed = any(isinstance(module, nn.BatchNorm1d) for module in around)
    return parent if normed and all(isinstance(module, simple) for module in around) else path


def replace_head(model: nn.Module, num_classes: int) -> nn.Module:
    """Give ``model``, in place, a new head of ``num_classes``, or none for 0; nothing else is touched.

    Without a head, ``forward`` gives the pooled features that the head would have read, (N, D).

    Parameters
    ----------
    model : Module
        Of torchvision, timm or a user.
    num_classes : int
        At least 0.

    Raises
    ------
    ZooError
        For a negative number, and where the head cannot be found or exchanged.
    """
    if num_classes < 0:
        raise ZooError(f"num_classes must be 0 (features) or more, not {num_classes}")
    if library_of(model) == "timm":
        any_model: Any = model
        if not hasattr(model, "reset_classifier"):
            raise ZooError(f"timm's {type(model).__name__} has no reset_classifier; its head cannot be exchanged")
        any_model.reset_classifier(num_classes)
        return model
    paths = _head_paths(model)
    for path, head in zip(paths, fresh_heads(model, paths, num_classes), strict=True):
        put(model, path, head)
    return model

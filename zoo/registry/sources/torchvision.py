"""torchvision's own registry, read: 80 classification architectures and their weights."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from zoo.registry.sources.base import ArchitectureFacts, TagFacts
from zoo.registry.spec import Preprocessing
from zoo.thread_patch import exchanged

if TYPE_CHECKING:
    from collections.abc import Iterator


SOURCE = "torchvision"

FILES = "https://download.pytorch.org/models"
"""Where the library's files lie; an address elsewhere is kept with its tag."""

TRAINED_AT = {"inception_v3": (3, 299, 299)}
"""Input sizes of architectures for when a version of the library ships them without weights."""


def architectures() -> list[str]:
    """Names of the classification architectures; detection, segmentation, video and quantized are left out."""
    import torchvision.models

    return sorted(torchvision.models.list_models(module=torchvision.models))


def facts(architecture: str) -> ArchitectureFacts:
    """What the installed library states of one architecture."""
    import torchvision.models

    weights = torchvision.models.get_model_weights(architecture)
    builder = torchvision.models.get_model_builder(architecture)
    default = weights.DEFAULT if len(weights) else None
    ordered = sorted(weights, key=lambda entry: entry is not default)
    tags = {entry.name: _tag(entry) for entry in ordered}
    first = next(iter(tags.values()), None)
    size = first.input_size if first else TRAINED_AT.get(architecture, (3, 224, 224))
    return ArchitectureFacts(
        source=SOURCE,
        architecture=architecture,
        family=builder.__module__.rsplit(".", 1)[-1],
        input_size=size,
        preprocessing=first.preprocessing if first else None,
        tags=tags,
    )


def _tag(entry: Any) -> TagFacts:
    transform = entry.transforms()
    crop = transform.crop_size[0]
    metrics = entry.meta.get("_metrics", {}).get("ImageNet-1K", {})
    return TagFacts(
        input_size=(3, crop, crop),
        preprocessing=Preprocessing(
            crop=crop,
            resize=transform.resize_size[0],
            interpolation=transform.interpolation.value,
            mean=tuple(transform.mean),
            std=tuple(transform.std),
        ),
        top1=metrics.get("acc@1"),
        licence=entry.meta.get("license"),
        file=entry.url.rsplit("/", 1)[-1],
        url=None if entry.url.rpartition("/")[0] == FILES else entry.url,
    )


def build(architecture: str, input_size: tuple[int, int, int] | None = None) -> Any:
    """Randomly initialised module with the library's own head and, where it has them, auxiliary heads.

    A vision transformer has a position for each patch, so it is built for the side of ``input_size``.
    """
    import warnings

    import torch
    import torchvision.models

    sized = {"image_size": input_size[1]} if input_size and architecture.startswith("vit_") else {}
    with warnings.catch_warnings():
        # GoogLeNet and Inception warn that their initialisation will change; none of it is ours to choose.
        warnings.simplefilter("ignore", FutureWarning)
        if architecture.startswith("regnet") and torch.empty(0).is_meta:
            with _moved_to_meta():
                return torchvision.models.get_model(architecture, weights=None)
        return torchvision.models.get_model(architecture, weights=None, **sized)


@contextmanager
def _moved_to_meta() -> Iterator[None]:
    """Build on the CPU, each tensor of the module moved to the meta device as soon as it is registered.

    RegNets compute their widths with tensors while they are built, which the meta device cannot do.
    """
    import torch
    from torch import nn

    def parameter(usual: Any) -> Any:
        return lambda module, name, param: usual(
            module, name, None if param is None else nn.Parameter(param.to("meta"), param.requires_grad)
        )

    def buffer(usual: Any) -> Any:
        return lambda module, name, tensor, persistent=True: usual(
            module, name, None if tensor is None else tensor.to("meta"), persistent
        )

    with (
        exchanged(nn.Module, "register_parameter", parameter),
        exchanged(nn.Module, "register_buffer", buffer),
        torch.device("cpu"),
    ):
        yield

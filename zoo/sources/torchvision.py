"""torchvision: its classification architectures and their weights."""

from __future__ import annotations

import re
import warnings
from collections import OrderedDict
from contextlib import contextmanager
from importlib import metadata
from typing import TYPE_CHECKING, Any, ClassVar

from zoo.sources.base import ArchitectureFacts, Heads, Source, TagFacts
from zoo.sources.counting import AUXILIARY
from zoo.sources.spec import Preprocessing
from zoo.thread_patch import exchanged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor, nn


TRAINED_AT = {"inception_v3": (3, 299, 299)}
"""Input sizes of architectures for when a version of the library ships them without weights."""

HEADS = {
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
"""Where each of the library's modules keeps its classifier."""

BEFORE_DOTS = re.compile(
    r"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$"
)
"""Names in DenseNet's files, which date from before dots in layer names were forbidden."""


class Torchvision(Source):
    """The library as it is installed."""

    name = "torchvision"
    heads: ClassVar[Heads] = "exchanged"
    auxiliary = AUXILIARY
    input_switch = "transform_input"
    files = "https://download.pytorch.org/models"
    mirror = "ZOO_TORCHVISION_MIRROR"

    def architectures(self) -> list[str]:
        """Names of the classification architectures.

        Detection, segmentation, video and quantized ones are left out.
        """
        import torchvision.models

        return sorted(torchvision.models.list_models(module=torchvision.models))

    def facts(self, architecture: str) -> ArchitectureFacts:
        """What the installed library states of one architecture."""
        import torchvision.models

        weights = torchvision.models.get_model_weights(architecture)
        builder = torchvision.models.get_model_builder(architecture)
        default = weights.DEFAULT if len(weights) else None
        ordered = sorted(weights, key=lambda entry: entry is not default)
        tags = {entry.name: self._tag(entry) for entry in ordered}
        first = next(iter(tags.values()), None)
        size = first.input_size if first else TRAINED_AT.get(architecture, (3, 224, 224))
        return ArchitectureFacts(
            source=self.name,
            architecture=architecture,
            family=builder.__module__.rsplit(".", 1)[-1],
            input_size=size,
            preprocessing=first.preprocessing if first else None,
            tags=tags,
        )

    def build(
        self, architecture: str, input_size: tuple[int, int, int] | None = None, num_classes: int | None = None
    ) -> nn.Module:
        """The module with random weights and the library's own heads.

        Auxiliary ones too. A vision transformer has a position for each patch, so it is built for the side of
        ``input_size``.
        """
        import torch
        import torchvision.models

        del num_classes
        sized = {"image_size": input_size[1]} if input_size and architecture.startswith("vit_") else {}
        with warnings.catch_warnings():
            # GoogLeNet and Inception warn that their initialisation will change; none of it is ours to choose.
            warnings.simplefilter("ignore", FutureWarning)
            if architecture.startswith("regnet") and torch.empty(0).is_meta:
                with _moved_to_meta():
                    built: nn.Module = torchvision.models.get_model(architecture, weights=None)
            else:
                built = torchvision.models.get_model(architecture, weights=None, **sized)
        return built

    def version(self) -> str:
        """Version of the installed library, read from its metadata."""
        return metadata.version(self.name)

    def code(self, architecture: str) -> str | None:
        """Nothing: the version tells."""
        del architecture
        return None

    def renamed(self, architecture: str, key: str) -> str:
        """The name of a tensor as the module has it.

        ``norm.1`` of a DenseNet is ``norm1``.
        """
        return BEFORE_DOTS.sub(r"\1\2", key) if architecture.startswith("densenet") else key

    def resampled(
        self, architecture: str, state: dict[str, Tensor], input_size: tuple[int, int, int]
    ) -> dict[str, Tensor]:
        """Tensors with the positions of patches resampled by the library."""
        from torchvision.models.vision_transformer import interpolate_embeddings

        if not architecture.startswith("vit_") or "encoder.pos_embedding" not in state:
            return state
        patch = int(architecture.rpartition("_")[2])
        found: dict[str, Tensor] = interpolate_embeddings(input_size[1], patch, OrderedDict(state))
        return found

    def owns(self, model: nn.Module) -> bool:
        """Whether a module is one of the library's classifiers."""
        return super().owns(model) and _kind(model) in HEADS

    def head_paths(self, model: nn.Module) -> list[str] | None:
        """Path of the classifier."""
        return [HEADS[_kind(model)]] if self.owns(model) else None

    def _tag(self, entry: Any) -> TagFacts:
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
            top5=metrics.get("acc@5"),
            licence=entry.meta.get("license"),
            file=entry.url.rsplit("/", 1)[-1],
            url=None if entry.url.rpartition("/")[0] == self.files else entry.url,
        )


def _kind(model: nn.Module) -> str:
    return type(model).__module__.rsplit(".", 1)[-1]


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


SOURCE = Torchvision()

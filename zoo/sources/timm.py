"""timm: every architecture and every weights tag of its registry."""

from __future__ import annotations

import math
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING, Any, ClassVar

from zoo.errors import ZooError
from zoo.sources.base import ArchitectureFacts, Heads, Source, TagFacts
from zoo.sources.efficientnet_names import MARK, others_of
from zoo.sources.spec import Preprocessing
from zoo.sources.weightless import on_meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn


class Timm(Source):
    """The library as it is installed."""

    name = "timm"
    heads: ClassVar[Heads] = "built"
    translates = True

    def architectures(self) -> list[str]:
        """Names of all architectures, with and without weights."""
        return list(_architectures())

    def facts(self, architecture: str) -> ArchitectureFacts:
        """What the installed library states of one architecture."""
        from timm.models import get_arch_pretrained_cfgs

        # Tag to config in the library's order, which puts the default first.
        stated = get_arch_pretrained_cfgs(architecture).items()
        configs = {name.partition(".")[2]: config for name, config in stated}
        with_weights = {tag: cfg for tag, cfg in configs.items() if tag and (cfg.hf_hub_id or cfg.url or cfg.file)}
        first = next(iter(configs.values()), None)
        described = _tag(first) if first is not None else None
        return ArchitectureFacts(
            source=self.name,
            architecture=architecture,
            family=_family(architecture),
            input_size=described.input_size if described else (3, 224, 224),
            preprocessing=described.preprocessing if described else None,
            tags={tag: _tag(cfg) for tag, cfg in with_weights.items()},
        )

    def build(
        self, architecture: str, input_size: tuple[int, int, int] | None = None, num_classes: int | None = None
    ) -> nn.Module:
        """The module with random weights, at the library's own input size.

        The library exchanges heads itself while it builds, also those of models that cannot do it later. What has a
        position for each patch is built for the size of the images.

        Raises
        ------
        ZooError
            For a head on an encoder that can have none, and for a size that the library cannot build it for.
        """
        sized: dict[str, Any] = {} if num_classes is None else {"num_classes": num_classes}
        built = _created(architecture, input_size, **sized)
        if num_classes is not None and not hasattr(built, "get_classifier"):
            raise ZooError(
                f"timm/{architecture} is an encoder that returns tokens; it has neither a head nor pooled features"
            )
        return built

    def old_names(self) -> Mapping[str, str]:
        """Names that the library still maps, with a warning."""
        from timm.models import _registry

        _architectures()
        return {old: _with_its_tag(new) for old, new in sorted(_registry._deprecated_models.items()) if new}

    def version(self) -> str:
        """Version of the installed library, read from its metadata."""
        return metadata.version(self.name)

    def code(self, architecture: str) -> str | None:
        """Nothing: the version tells."""
        del architecture
        return None

    def renamed(self, architecture: str, key: str) -> str:
        """The library's own names of an EfficientNet's tensors."""
        return _other_names(architecture).get(key, key) if key.startswith(MARK) else key

    def load(
        self,
        architecture: str,
        tag: str | None,
        state: Mapping[str, Tensor],
        num_classes: int | None,
        input_size: tuple[int, int, int] | None = None,
    ) -> nn.Module:
        """The module, filled by the library's own translation of old names.

        The library is handed tensors, never a file to unpickle. Its filter may empty ``state``, and resamples the
        positions of patches for another size of images.
        """
        sized: dict[str, Any] = {} if num_classes is None else {"num_classes": num_classes}
        name = f"{architecture}.{tag}" if tag else architecture
        overlay = {"state_dict": state, **sized}
        return _created(name, input_size, pretrained=True, pretrained_cfg_overlay=overlay, **sized)

    def head_paths(self, model: nn.Module) -> list[str] | None:
        """Paths of what ``get_classifier`` gives and the configuration names."""
        any_model: Any = model
        head = any_model.get_classifier() if hasattr(model, "get_classifier") else None
        heads = head if isinstance(head, tuple) else (head,)
        found = [name for name, module in model.named_modules() if any(module is h for h in heads)]
        config = getattr(model, "pretrained_cfg", None) or {}
        stated = config.get("classifier") if hasattr(config, "get") else getattr(config, "classifier", None)
        # One names what the other leaves out: the second head of a distilled model, the auxiliary one of VOLO.
        found += [stated] if isinstance(stated, str) else list(stated or ())
        return list(dict.fromkeys(_with_its_norm(model, path) for path in found))

    def can_exchange_head(self, model: nn.Module) -> bool | None:
        """Whether the module has ``reset_classifier``."""
        return hasattr(model, "reset_classifier")

    def exchange_head(self, model: nn.Module, num_classes: int) -> bool:
        """Exchange the head with ``reset_classifier``.

        Raises
        ------
        ZooError
            For a module that has none.
        """
        any_model: Any = model
        if not hasattr(model, "reset_classifier"):
            raise ZooError(f"timm's {type(model).__name__} has no reset_classifier; its head cannot be exchanged")
        any_model.reset_classifier(num_classes)
        return True

    def classes(self, model: nn.Module) -> int | None:
        """What the module states as ``num_classes``."""
        width = getattr(model, "num_classes", None)
        return width if isinstance(width, int) else None


@lru_cache(maxsize=1)
def _architectures() -> tuple[str, ...]:
    import timm

    return tuple(sorted(timm.list_models()))


@lru_cache(maxsize=8)
def _other_names(architecture: str) -> dict[str, str]:
    """The library's names of an EfficientNet's tensors, by those of the other layout."""
    import timm
    import torch

    with on_meta(), torch.random.fork_rng(devices=[]):
        return others_of(timm.create_model(architecture).state_dict()) if "efficientnet" in architecture else {}


def _with_its_tag(name: str) -> str:
    """A name that the library maps to, with the tag that it has there now.

    Two of them name ``sam``, which has been called ``sam_in1k`` since.
    """
    from timm.models import get_arch_pretrained_cfgs

    architecture, _, tag = name.partition(".")
    tags = [config.partition(".")[2] for config in get_arch_pretrained_cfgs(architecture)]
    longer = [other for other in tags if other.startswith(f"{tag}_")]
    return f"{architecture}.{longer[0]}" if tag and tag not in tags and len(longer) == 1 else name


def _created(name: str, input_size: tuple[int, int, int] | None, **options: Any) -> nn.Module:
    """A model of the library's, for images of a size where it is built for one."""
    import timm
    from timm.models import get_pretrained_cfg

    config = get_pretrained_cfg(name, allow_unregistered=True)
    own = tuple(config.input_size[1:]) if config is not None else None
    if input_size is not None and config is not None and config.fixed_input_size and input_size[1:] != own:
        options["img_size"] = input_size[1:]
    try:
        built: nn.Module = timm.create_model(name, **options)
    except (TypeError, AssertionError, ValueError) as error:
        if "img_size" not in options:
            raise
        sides = " × ".join(map(str, own or ()))
        raise ZooError(
            f"timm/{name.partition('.')[0]} takes images of {sides} pixels, and the library cannot build it for "
            f"{input_size[1] if input_size else 0} × {input_size[2] if input_size else 0} "
            f"({(str(error).splitlines() or [''])[0][:100]})"
        ) from None
    return built


def _family(architecture: str) -> str:
    from timm.models import model_entrypoint

    return str(model_entrypoint(architecture).__module__.rsplit(".", 1)[-1])


def _tag(config: Any) -> TagFacts:
    channels, height, width = config.input_size
    return TagFacts(
        input_size=(channels, height, width),
        preprocessing=Preprocessing(
            crop=height,
            # The library floors the quotient when it builds its evaluation transform.
            resize=math.floor(height / config.crop_pct),
            interpolation=config.interpolation,
            mean=tuple(config.mean),
            std=tuple(config.std),
            crop_mode=config.crop_mode or "center",
            width=None if width == height else width,
            crop_fraction=config.crop_pct,
            test_crop=config.test_input_size[1] if config.test_input_size else None,
            test_fraction=config.test_crop_pct,
        ),
        licence=config.license,
        hub_id=config.hf_hub_id,
        file=config.url.rsplit("/", 1)[-1] if config.url else None,
        url=config.url or None,
    )


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


SOURCE = Timm()

"""timm's own registry, read: every architecture and every weights tag."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from zoo.registry.sources.base import ArchitectureFacts, TagFacts
from zoo.registry.spec import Preprocessing

SOURCE = "timm"


@lru_cache(maxsize=1)
def architectures() -> list[str]:
    """Names of all architectures, with and without weights."""
    import timm

    return sorted(timm.list_models())


def facts(architecture: str) -> ArchitectureFacts:
    """What the installed library states of one architecture."""
    from timm.models import get_arch_pretrained_cfgs

    configs = _configs(get_arch_pretrained_cfgs(architecture))
    with_weights = {tag: cfg for tag, cfg in configs.items() if tag and (cfg.hf_hub_id or cfg.url or cfg.file)}
    first = next(iter(configs.values()), None)
    described = _tag(first) if first is not None else None
    return ArchitectureFacts(
        source=SOURCE,
        architecture=architecture,
        family=_family(architecture),
        input_size=described.input_size if described else (3, 224, 224),
        preprocessing=described.preprocessing if described else None,
        tags={tag: _tag(cfg) for tag, cfg in with_weights.items()},
    )


def _configs(found: dict[str, Any]) -> dict[str, Any]:
    """Tag to config in the library's order, which puts the default first."""
    return {name.partition(".")[2]: config for name, config in found.items()}


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


def build(architecture: str, input_size: tuple[int, int, int] | None = None) -> Any:
    """Randomly initialised module with the library's own head, at the library's own input size."""
    import timm

    del input_size
    return timm.create_model(architecture, pretrained=False)

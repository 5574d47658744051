"""Backbone Zoo: what pretrained image backbones cost and are worth.

Everything below loads on first use, so that ``import zoo`` brings in neither torch nor pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.api.allocator import fast_allocator
    from zoo.api.choose import choose
    from zoo.api.evaluate import evaluate
    from zoo.api.measure import measure
    from zoo.api.results import Results
    from zoo.api.run import run
    from zoo.api.search import search
    from zoo.api.transfer import transfer
    from zoo.api.tune import tune
    from zoo.choice.choice import Choice
    from zoo.choice.limits import Limits
    from zoo.errors import ZooError
    from zoo.loading.create import create
    from zoo.loading.specs import get
    from zoo.loading.transform import image_transform
    from zoo.registry.search import list_models
    from zoo.shortlist.shortlist import choose_published
    from zoo.sources.spec import ModelSpec, Preprocessing
    from zoo.sources.user import register
    from zoo.statistics.measurement import Measurement

__version__ = "0.1.0"

_PLACES = {
    "Choice": "zoo.choice.choice",
    "Limits": "zoo.choice.limits",
    "Measurement": "zoo.statistics.measurement",
    "ModelSpec": "zoo.sources.spec",
    "Preprocessing": "zoo.sources.spec",
    "Results": "zoo.api.results",
    "ZooError": "zoo.errors",
    "choose": "zoo.api.choose",
    "choose_published": "zoo.shortlist.shortlist",
    "create": "zoo.loading.create",
    "evaluate": "zoo.api.evaluate",
    "fast_allocator": "zoo.api.allocator",
    "get": "zoo.loading.specs",
    "image_transform": "zoo.loading.transform",
    "list_models": "zoo.registry.search",
    "measure": "zoo.api.measure",
    "register": "zoo.sources.user",
    "run": "zoo.api.run",
    "search": "zoo.api.search",
    "transfer": "zoo.api.transfer",
    "tune": "zoo.api.tune",
}

__all__ = [
    "Choice",
    "Limits",
    "Measurement",
    "ModelSpec",
    "Preprocessing",
    "Results",
    "ZooError",
    "choose",
    "choose_published",
    "create",
    "evaluate",
    "fast_allocator",
    "get",
    "image_transform",
    "list_models",
    "measure",
    "register",
    "run",
    "search",
    "transfer",
    "tune",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    value = getattr(importlib.import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

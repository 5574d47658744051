"""Backbone Zoo: pretrained image backbones, what they cost, and what they are worth on your images.

Everything below loads on first use, so that ``import zoo`` brings in neither torch nor pandas.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.api import Results, choose, evaluate, measure, run, transfer
    from zoo.choose.choice import Choice
    from zoo.choose.limits import Limits
    from zoo.errors import ZooError
    from zoo.registry.catalogue import get
    from zoo.registry.create import create
    from zoo.registry.search import list_models
    from zoo.registry.spec import ModelSpec, Preprocessing
    from zoo.registry.user import register
    from zoo.statistics.measurement import Measurement

_PLACES = {
    "Choice": "zoo.choose.choice",
    "Limits": "zoo.choose.limits",
    "Measurement": "zoo.statistics.measurement",
    "ModelSpec": "zoo.registry.spec",
    "Preprocessing": "zoo.registry.spec",
    "Results": "zoo.api",
    "ZooError": "zoo.errors",
    "choose": "zoo.api",
    "create": "zoo.registry.create",
    "evaluate": "zoo.api",
    "get": "zoo.registry.catalogue",
    "list_models": "zoo.registry.search",
    "measure": "zoo.api",
    "register": "zoo.registry.user",
    "run": "zoo.api",
    "transfer": "zoo.api",
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
    "create",
    "evaluate",
    "get",
    "list_models",
    "measure",
    "register",
    "run",
    "transfer",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    value = getattr(importlib.import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


class _PublicModule(types.ModuleType):
    """The module ``zoo``, on whose public names its packages lay no hand.

    ``zoo.choose`` and ``zoo.transfer`` are packages too, and importing one of their modules binds the package to
    that name here, at whatever moment that is; the functions of those names are what the public page promises.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _PLACES and isinstance(value, types.ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _PublicModule

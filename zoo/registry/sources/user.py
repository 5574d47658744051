"""Models of the user's own: registered by decorator, by entry point, or by a module named in ``ZOO_IMPORT``."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.errors import ZooError
from zoo.registry.naming import parse_name
from zoo.registry.sources.base import ArchitectureFacts
from zoo.registry.spec import Preprocessing

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn


GROUP = "zoo.models"
"""Entry-point group; each entry's object is a constructor and its name a model name."""

SOURCES = ("torchvision", "timm")

F = TypeVar("F", bound="Callable[..., Any]")


@dataclass(frozen=True, slots=True)
class UserModel:
    """A registered constructor with what its author says of it."""

    facts: ArchitectureFacts
    constructor: Callable[..., Any]
    licence: str | None

    def build(self, num_classes: int = 1000) -> nn.Module:
        """What the constructor makes; whatever it raises is its author's.

        Raises
        ------
        TypeError
            Where that is no module.
        """
        from torch import nn

        model = self.constructor(num_classes=num_classes)
        if not isinstance(model, nn.Module):
            name = f"{self.facts.source}/{self.facts.architecture}"
            raise TypeError(f"the constructor of {name} returned {type(model).__name__} instead of a module")
        return model


_REGISTERED: dict[str, UserModel] = {}
_LOADED: set[str] = set()
_BROUGHT: set[str] = set()
"""Names that entry points and ``ZOO_IMPORT`` registered, as they do in every process."""


def register(
    name: str,
    *,
    input_size: tuple[int, int, int] = (3, 224, 224),
    preprocessing: Preprocessing | None = None,
    family: str | None = None,
    licence: str | None = None,
) -> Callable[[F], F]:
    """Register a constructor under ``source/architecture``.

    The constructor is called as ``constructor(num_classes=n)`` and returns a module from images
    (N, channels, height, width) to logits (N, n).

    Parameters
    ----------
    name : str
        Such as ``"mine/net"``; the sources of the libraries are taken.
    input_size : tuple of int
        Channels, height, width at evaluation.
    preprocessing : Preprocessing, optional
        ImageNet's mean and deviation at ``input_size`` where none is given.
    family, licence : str, optional

    Raises
    ------
    ZooError
        For a name without a source, with a tag, of a library's source, or already registered for another
        constructor.
    """

    def decorate(constructor: F) -> F:
        add(name, constructor, input_size, preprocessing, family, licence)
        return constructor

    return decorate


def add(
    name: str,
    constructor: Callable[..., Any],
    input_size: tuple[int, int, int] = (3, 224, 224),
    preprocessing: Preprocessing | None = None,
    family: str | None = None,
    licence: str | None = None,
) -> None:
    """Register without a decorator; see :func:`register`."""
    parsed = parse_name(name)
    if parsed.source is None or parsed.tag is not None or parsed.source in SOURCES:
        raise ZooError(
            f"cannot register {name!r}: a name of your own is source/architecture, without a tag, "
            f"and its source is not {' or '.join(SOURCES)}"
        )
    known = _REGISTERED.get(name)
    if known is not None and _place(known.constructor) != _place(constructor):
        raise ZooError(f"cannot register {name!r}: that name is taken by {_place(known.constructor)}")
    side = input_size[1]
    facts = ArchitectureFacts(
        source=parsed.source,
        architecture=parsed.architecture,
        family=family or parsed.architecture,
        input_size=input_size,
        preprocessing=preprocessing or Preprocessing(crop=side, resize=side),
    )
    _REGISTERED[name] = UserModel(facts, constructor, licence)


def _place(constructor: Callable[..., Any]) -> str:
    module = getattr(constructor, "__module__", "?")
    # A spawned worker imports the user's script under another name; it is the same constructor.
    module = "__main__" if module == "__mp_main__" else module
    return f"{module}.{getattr(constructor, '__qualname__', repr(constructor))}"


def registered() -> dict[str, UserModel]:
    """Every user model by name, entry points and ``ZOO_IMPORT`` included."""
    load_user_models()
    return dict(_REGISTERED)


def registered_here() -> list[str]:
    """Names of models that only this process knows: neither an entry point nor ``ZOO_IMPORT`` brings them."""
    named = os.environ.get("ZOO_IMPORT", "").split(",")
    own = registered()
    return [name for name, model in own.items() if name not in _BROUGHT and model.constructor.__module__ not in named]


def load_user_models() -> None:
    """Import what registers models: entry points of the group, and modules named in ``$ZOO_IMPORT``.

    Raises
    ------
    ZooError
        Where one cannot be imported; the line names it.
    """
    before = set(_REGISTERED)
    for module in filter(None, os.environ.get("ZOO_IMPORT", "").split(",")):
        if module not in _LOADED:
            _import(partial(importlib.import_module, module), f"module {module} in ZOO_IMPORT")
            _LOADED.add(module)
    if GROUP not in _LOADED:  # every look-up of a name comes here, and reading all metadata takes milliseconds
        for entry in metadata.entry_points(group=GROUP):
            add(entry.name, _import(entry.load, f"entry point {entry.name} ({entry.value})"))
        _LOADED.add(GROUP)
    _BROUGHT.update(set(_REGISTERED) - before)


def load_in_worker(name: str | None) -> None:
    """Import what registers models into a worker process, which is to build ``name``, if anything.

    Raises
    ------
    ZooError
        Where an import fails, and for a model of the user's that only the process which started this one knows.
    """
    load_user_models()
    if name is not None and parse_name(name).source not in (None, *SOURCES) and name not in _REGISTERED:
        raise ZooError(
            f"worker processes cannot import {name}; register it in a module named in ZOO_IMPORT, "
            f"or by an entry point of the group {GROUP}"
        )


def _import(load: Callable[[], Any], what: str) -> Any:
    try:
        return load()
    except ZooError:
        raise
    except Exception as error:
        raise ZooError(f"cannot load the models of {what}: {type(error).__name__}: {error}") from error

"""Models that users register, and the sources of their names."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypeVar

from zoo import plugins
from zoo.checks import function, integer, text
from zoo.errors import ZooError, option
from zoo.processes.script import has_script
from zoo.sources import SHIPPED, SOURCES
from zoo.sources.base import ArchitectureFacts, Source
from zoo.sources.code import digest_of_code
from zoo.sources.lazy import shaped
from zoo.sources.naming import parse_name
from zoo.sources.spec import Preprocessing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch import nn


IMAGE = ("channels", "height", "width")
"""Of the size of an image."""

GROUP = "zoo.models"
"""Entry-point group; each entry's object is a constructor and its name a model name."""

F = TypeVar("F", bound="Callable[..., Any]")


@dataclass(frozen=True, slots=True)
class UserModel:
    """A registered constructor with what its author says of it.

    Attributes
    ----------
    facts : ArchitectureFacts
    constructor : callable
    in_every_process : bool
        Whether an entry point or a module of ``$ZOO_IMPORT`` registered it, as it does everywhere.
    """

    facts: ArchitectureFacts
    constructor: Callable[..., Any]
    in_every_process: bool = False

    def build(self, num_classes: int = 1000) -> nn.Module:
        """What the constructor makes.

        Whatever it raises is its author's.

        Raises
        ------
        TypeError
            Where that is no module.
        """
        from torch import nn

        model = self.constructor(num_classes=num_classes)
        if not isinstance(model, nn.Module):
            raise TypeError(
                f"the constructor of {self.facts.model} returned {type(model).__name__} instead of a module"
            )
        return model


class UserSource(Source):
    """Registered models whose names begin alike."""

    def __init__(self, name: str) -> None:
        self.name = name

    def architectures(self) -> list[str]:
        """Names of the models, without that of the source."""
        every = (model.facts for model in registered().values())
        return [facts.architecture for facts in every if facts.source == self.name]

    def facts(self, architecture: str) -> ArchitectureFacts:
        """What the author states of a model."""
        return registered()[f"{self.name}/{architecture}"].facts

    def build(
        self, architecture: str, input_size: tuple[int, int, int] | None = None, num_classes: int | None = None
    ) -> nn.Module:
        """What the constructor makes, of 1000 classes where none are named."""
        model = registered()[f"{self.name}/{architecture}"]
        return shaped(model.build(num_classes or 1000), input_size or model.facts.input_size)

    def code(self, architecture: str) -> str | None:
        """Digest of the code behind the constructor, None without one."""
        model = registered().get(f"{self.name}/{architecture}")
        return None if model is None else digest_of_code(model.constructor)


_REGISTERED: dict[str, UserModel] = {}
_ENTRY_POINTS: list[str] = []
"""Groups of entry points that were read."""


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
    _facts(name, input_size, preprocessing, family, licence)  # here, since it may be left undecorated

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
    *,
    in_every_process: bool = False,
) -> None:
    """Register without a decorator, as :func:`register` does."""
    facts = _facts(name, input_size, preprocessing, family, licence)
    function(constructor, "", "constructor")
    known = _REGISTERED.get(name)
    if known is not None and _place(known.constructor) != _place(constructor):
        raise ZooError(f"cannot register {name!r}: that name is taken by {_place(known.constructor)}")
    _REGISTERED[name] = UserModel(facts, constructor, in_every_process or plugins.in_every_process())


def _facts(
    name: str,
    input_size: tuple[int, int, int],
    preprocessing: Preprocessing | None,
    family: str | None,
    licence: str | None,
) -> ArchitectureFacts:
    """What is stated of a model of the user's, checked."""
    parsed = parse_name(name)
    if parsed.source is None or parsed.tag is not None or parsed.source in SOURCES:
        raise ZooError(
            f"cannot register {name!r}: a name of your own is source/architecture, without a tag, "
            f"and its source is not {' or '.join(dict.fromkeys([*SHIPPED, *SOURCES]))}"
        )
    if not isinstance(input_size, tuple | list) or len(input_size) != len(IMAGE):
        raise ZooError(f"{option('input_size')} must be {', '.join(IMAGE)}, not {input_size!r}")
    channels, height, width = (integer(one, "", "input_size") for one in input_size)
    if preprocessing is not None and not isinstance(preprocessing, Preprocessing):
        raise ZooError(f"{option('preprocessing')} must be a zoo.Preprocessing, not {preprocessing!r}")
    for key, words in (("family", family), ("licence", licence)):
        if words is not None:
            text(words, "", key)
    return ArchitectureFacts(
        source=parsed.source,
        architecture=parsed.architecture,
        family=family or parsed.architecture,
        input_size=(channels, height, width),
        preprocessing=preprocessing or Preprocessing(crop=height, resize=height),
        licence=licence,
    )


def _place(constructor: Callable[..., Any]) -> str:
    module = getattr(constructor, "__module__", "?")
    # A spawned worker imports the user's script under another name; it is the same constructor.
    module = "__main__" if module == "__mp_main__" else module
    return f"{module}.{getattr(constructor, '__qualname__', repr(constructor))}"


def registered() -> dict[str, UserModel]:
    """Every registered model by name."""
    load_user_models()
    return dict(_REGISTERED)


def registered_here() -> list[str]:
    """Names of models and sources that only this process knows.

    Those that neither an entry point nor ``ZOO_IMPORT`` registers.
    """
    named = plugins.user_modules()
    models = registered().items()
    here = [n for n, m in models if not m.in_every_process and m.constructor.__module__ not in named]
    return [*here, *SOURCES.registered_here()]


def load_user_models() -> None:
    """Import what registers models.

    Entry points, and modules that ``$ZOO_IMPORT`` names.

    Raises
    ------
    ZooError
        Where one cannot be imported; the line names it.
    """
    plugins.load_user_modules()
    if GROUP not in _ENTRY_POINTS:  # every look-up of a name comes here, and reading all metadata takes milliseconds
        for entry in metadata.entry_points(group=GROUP):
            constructor = plugins.imported(entry.load, f"the models of entry point {entry.name} ({entry.value})")
            add(entry.name, constructor, in_every_process=True)
        _ENTRY_POINTS.append(GROUP)


def check_reachable(names: Iterable[str]) -> None:
    """Refuse models that a notebook or prompt alone registers.

    What measures is a process of its own, which can import a script and not what was typed.

    Raises
    ------
    ZooError
    """
    typed = registered_here() if not has_script() else []
    for name in names:
        if name in typed and _REGISTERED[name].constructor.__module__ == "__main__":
            raise ZooError(
                f"{name} is registered in this session alone, and models run in processes of their own, which cannot "
                f"find it: write it into mine.py, and start Python, or the notebook, with {plugins.VARIABLE}=mine"
            )


def load_in_worker(name: str | None) -> None:
    """Import what registers models into a worker process.

    Parameters
    ----------
    name : str or None
        What the worker is to build.

    Raises
    ------
    ZooError
        Where an import fails, and for a model of the user's that only the process which started this one knows.
    """
    load_user_models()
    source = None if name is None else parse_name(name).source
    if source is not None and source not in SOURCES and name not in _REGISTERED:
        raise ZooError(
            f"worker processes cannot import {name}; register it in a module named in ZOO_IMPORT, "
            f"or by an entry point of the group {GROUP}"
        )

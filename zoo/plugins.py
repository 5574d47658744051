"""Tables of parts, one a kind, each open to other packages."""

from __future__ import annotations

import importlib
import os
import sys
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from zoo.contained import EndedError, contained
from zoo.errors import UnknownNameError, ZooError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from importlib import metadata

T = TypeVar("T")

VARIABLE = "ZOO_IMPORT"
"""Names modules, separated by commas, that register parts when imported, in worker processes too."""


class Table(Generic[T]):
    """Parts of one kind by name.

    A part is written as ``"module:attribute"`` and imported when it is first asked for. Those of the zoo come
    first, in the order in which they are given, then what was registered, then entry points of other packages.

    Parameters
    ----------
    kind : str
        In the singular, as an error names it: ``"metric"``.
    parts : mapping of str to str
        The zoo's own.
    group : str
        Group of entry points that add to the table: ``"zoo.metrics"``.
    """

    def __init__(self, kind: str, parts: Mapping[str, str], group: str) -> None:
        self.kind = kind
        self.group = group
        self._own = dict(parts)
        self._registered: dict[str, T | str] = {}
        self._entry_points: dict[str, metadata.EntryPoint] | None = None
        self._loaded: dict[str, T] = {}
        self._everywhere: set[str] = set()
        self._registered_by: dict[str, str] = {}
        _TABLES.add(self)

    def register(self, name: str, part: T | str) -> None:
        """Add a part of your own, itself or as ``"module:attribute"``.

        Raises
        ------
        ZooError
            Where the name is taken by another part.
        """
        known = self._registered.get(name)
        if name in self._own or (known is not None and not _is_same(known, part)):
            raise ZooError(f"cannot register the {self.kind} {name!r}: that name is taken")
        self._registered[name] = part
        self._loaded.pop(name, None)
        self._registered_by[name] = str(sys._getframe(1).f_globals.get("__name__"))
        if in_every_process():
            self._everywhere.add(name)

    def registered_here(self) -> list[str]:
        """Names of the parts that only this process knows.

        Those that no module of ``$ZOO_IMPORT`` registers: a new process finds them in the user's script alone.
        """
        load_user_modules()
        named = set(user_modules())
        here = [name for name in self._registered if name not in self._everywhere]
        return [name for name in here if not {_module_of(self._registered[name]), self._registered_by[name]} & named]

    def unregister(self, name: str) -> None:
        """Take a registered part out again, if there is one."""
        self._registered.pop(name, None)
        self._loaded.pop(name, None)
        self._everywhere.discard(name)
        self._registered_by.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        """Every name, in order."""
        load_user_modules()
        return iter(dict.fromkeys([*self._own, *self._registered, *self._others()]))

    def __contains__(self, name: object) -> bool:
        """Whether there is a part of that name."""
        return name in self._own or name in tuple(self)

    def check(self, name: str) -> str:
        """Return ``name`` if there is a part of that name.

        Raises
        ------
        UnknownNameError
            With the nearest three.
        """
        if name not in self:
            known = tuple(self)
            raise UnknownNameError(self.kind, name, known, f"permitted: {', '.join(known)}")
        return name

    def get(self, name: str) -> T:
        """The part of a name, imported if need be.

        Raises
        ------
        UnknownNameError
            With the nearest three.
        ZooError
            Where a part of somebody else's cannot be imported; the line names it.
        """
        self.check(name)
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def values(self) -> list[T]:
        """Every part, in order."""
        return [self.get(name) for name in self]

    def _load(self, name: str) -> T:
        part: Any = self._own.get(name) or self._registered.get(name)
        if part is None:
            entry = self._others()[name]
            return imported(entry.load, f"the {self.kind} {name!r} of the entry point {entry.value}")  # type: ignore[no-any-return]
        if not isinstance(part, str):
            return part  # type: ignore[no-any-return]
        return imported(lambda: load(part), f"the {self.kind} {name!r} ({part})")  # type: ignore[no-any-return]

    def _others(self) -> dict[str, metadata.EntryPoint]:
        if self._entry_points is None:  # importing this and reading all metadata takes milliseconds
            entries = load("importlib.metadata:entry_points")(group=self.group)
            self._entry_points = {entry.name: entry for entry in entries}
        return self._entry_points


def load(place: str) -> Any:
    """The object at ``"module:attribute"``."""
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)


_TABLES: weakref.WeakSet[Table[Any]] = weakref.WeakSet()


def registered_here() -> list[str]:
    """Names of the parts of any kind that only this process knows."""
    return [name for table in _TABLES for name in table.registered_here()]


_LOADED: set[str] = set()
_IMPORTING: list[str] = []
"""Modules that :func:`load_user_modules` is importing now."""


def load_user_modules() -> None:
    """Import the modules that ``$ZOO_IMPORT`` names, each once a process.

    Raises
    ------
    ZooError
        Where one cannot be imported; the line names it.
    """
    for module in user_modules():
        if module not in _LOADED:
            _LOADED.add(module)  # before it is imported, since it may look into a table
            _IMPORTING.append(module)
            try:
                imported(partial(importlib.import_module, module), f"module {module} in {VARIABLE}")
            except BaseException:
                _LOADED.discard(module)
                raise
            finally:
                _IMPORTING.remove(module)


def in_every_process() -> bool:
    """Whether what is registered now is so in every process.

    It is while a module is imported that ``$ZOO_IMPORT`` names.
    """
    return bool(_IMPORTING)


def user_modules() -> list[str]:
    """Names of the modules that register parts."""
    return [name for name in os.environ.get(VARIABLE, "").split(",") if name]


def imported(work: Callable[[], Any], what: str) -> Any:
    """What ``work`` imports.

    Raises
    ------
    ZooError
        Where it cannot be imported; the line names it.
    """
    try:
        with contained():
            return work()
    except ZooError:
        raise
    except EndedError as error:
        raise ZooError(f"cannot load {what}: {error}, which would have ended this command") from error
    except Exception as error:
        raise ZooError(f"cannot load {what}: {type(error).__name__}: {error}") from error


def _module_of(part: Any) -> str:
    if isinstance(part, str):
        return part.partition(":")[0]
    return str(getattr(part, "__module__", type(part).__module__))


def _is_same(a: Any, b: Any) -> bool:
    """Whether two parts are one, as a module imported again makes them."""
    places = [getattr(part, "__qualname__", type(part).__qualname__) for part in (a, b)]
    return a == b or (type(a) is type(b) and places[0] == places[1] and not isinstance(a, str))

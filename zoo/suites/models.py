"""The models of a suite: names, and patterns that stand for many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.checks import listed, located, place
from zoo.errors import AmbiguousNameError, InputFileError, UnknownNameError, ZooError
from zoo.registry.catalogue import resolve
from zoo.registry.search import list_models

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WILD = frozenset("*?[")
"""What no name of a model holds, and each pattern does."""


def read_models(value: Any, where: str, key: str) -> tuple[str, ...]:
    """Full names of the models that a list of names and patterns means.

    A pattern means what it means to ``zoo list``: ``"timm/*"`` all of a library, ``"*"`` every architecture of every
    source, a user's own among them.

    Raises
    ------
    InputFileError
        For a pattern that no model matches.
    ZooError
        As :func:`resolve_models` has them.
    """
    names: list[Any] = []
    for name in listed(value, where, key):
        names += _matching(name, where, key) if is_pattern(name) else [name]
    return resolve_models(names, where)


def is_pattern(name: Any) -> bool:
    """Whether it stands for all models that match it, rather than for one."""
    return isinstance(name, str) and not WILD.isdisjoint(name)


def check_trained(models: Iterable[Any], where: str) -> None:
    """Refuse to train what was named by a pattern, and for costs.

    Raises
    ------
    InputFileError
        Names the pattern, and the key that says what is trained.
    """
    if (pattern := next(filter(is_pattern, models), None)) is not None:
        raise InputFileError(
            f"{place(where, 'transfer.models')}: suite.models holds the pattern {pattern!r}, and to train all "
            "that match takes very long; name here what is trained"
        )


def resolve_models(names: Sequence[Any], where: str) -> tuple[str, ...]:
    """Full names of models in the given order, each once.

    ``source/architecture``, with the tag where one was named.

    Raises
    ------
    ZooError
        Empty list, or a name that nothing answers to.
    """
    if not names:
        raise ZooError(located(where, "the list of models is empty; name at least one (see `zoo list`)"))
    resolved: dict[str, None] = {}
    for name in names:
        if not isinstance(name, str):
            raise ZooError(located(where, f"models are named by text, not by {name!r}"))
        try:
            resolved[str(resolve(name))] = None
        except (UnknownNameError, AmbiguousNameError) as error:
            raise InputFileError(located(where, str(error))) from None
    return tuple(resolved)


def _matching(pattern: str, where: str, key: str) -> list[str]:
    found = list_models(pattern)
    if not found:
        raise InputFileError(f"{place(where, key)}: no model matches {pattern!r}; `zoo list` shows all")
    return found

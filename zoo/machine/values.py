"""Values that JSON holds, each of its kind or refused."""

from __future__ import annotations

from typing import Any


def text(value: Any) -> str:
    """Text, or TypeError."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def whole(value: Any) -> int:
    """A whole number, or TypeError."""
    if not float(number(value)).is_integer():
        raise TypeError("no whole number")
    return int(value)


def number(value: Any) -> float:
    """A number, or TypeError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    return value


def elements(value: Any) -> list[Any]:
    """A list, or TypeError."""
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of text, or TypeError."""
    return tuple(map(text, elements(value)))


def sizes(value: Any) -> dict[str, int]:
    """Whole numbers by name, or TypeError."""
    return {text(name): whole(size) for name, size in _pairs(value)}


def versions(value: Any) -> dict[str, str]:
    """Text by name, or TypeError."""
    return {text(name): text(version) for name, version in _pairs(value)}


def _pairs(value: Any) -> Any:
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value.items()

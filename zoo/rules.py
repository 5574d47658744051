"""Rules for single values of a record, each refused in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.canonical import JsonObject

LARGEST = 1e300
"""No number of a record is beyond this, so that sums and squares of some are numbers too."""

MOST = 2**53
"""The largest whole number that every reader of JSON holds exactly."""

LONGEST_ID = 200


def need(value: Any, where: str, holds: bool, rule: str) -> None:
    """Refuse a value, saying what is permitted.

    Raises
    ------
    ZooError
        Unless ``holds``.
    """
    if not holds:
        shown = repr(value)
        raise ZooError(f"{where} must be {rule}, not {shown if len(shown) <= 40 else shown[:37] + '…'}")


def lacks(outcome: JsonObject, part: str, names: Iterable[str]) -> None:
    """Refuse an answer without numbers that its kind has."""
    for name in names:
        if name not in outcome[part]:
            raise ZooError(f"outcome.{part} lacks {name!r}, and the status is {outcome['status']!r}")


def known(found: JsonObject, names: Iterable[str], where: str) -> None:
    """Refuse an object with a key that nobody knows."""
    names = tuple(names)
    for key in found:
        if key not in names:
            raise ZooError(f"{where} has the unknown key {key!r}; known are {', '.join(names)}")


def text(value: Any, where: str, *, empty: bool = False) -> None:
    """Refuse what is no text, and empty text unless that is permitted."""
    need(value, where, isinstance(value, str) and bool(value or empty), "text" if empty else "non-empty text")


def any_text(value: Any, where: str) -> None:
    """Refuse what is no text."""
    text(value, where, empty=True)


def text_or_none(value: Any, where: str) -> None:
    """Refuse what is neither text nor None."""
    need(value, where, value is None or isinstance(value, str), "text or null")


def identity(value: Any, where: str) -> None:
    """Refuse what cannot be an id or a key that a command is given."""
    text(value, where)
    whole = len(value) <= LONGEST_ID and value.isprintable() and value == value.strip()
    need(value, where, whole, f"at most {LONGEST_ID} characters, all of them printable")


def mapping(value: Any, where: str) -> None:
    """Refuse what is no object of JSON."""
    need(value, where, isinstance(value, dict), "an object")


def mapping_or_none(value: Any, where: str) -> None:
    """Refuse what is neither an object of JSON nor None."""
    need(value, where, value is None or isinstance(value, dict), "an object or null")


def number(value: Any, where: str) -> None:
    """Refuse what is no finite number."""
    is_one = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
    need(value, where, is_one, "a finite number")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def whole(value: Any, where: str, least: int = 0) -> None:
    """Refuse what is no whole number of at least ``least``."""
    need(value, where, _is_whole(value) and least <= value <= MOST, f"a whole number of at least {least}")


def count(value: Any, where: str) -> None:
    """Refuse what is no whole number of at least 1."""
    whole(value, where, 1)


def shots(value: Any, where: str) -> None:
    """Refuse what is no number of images a class."""
    if value != "all":
        whole(value, where, 1)


def shape(value: Any, where: str) -> None:
    """Refuse what is no shape of an image."""
    fits = isinstance(value, list) and len(value) == 3 and all(_is_whole(v) and 0 < v <= MOST for v in value)
    need(value, where, fits, "[channels, height, width]")


def shape_or_none(value: Any, where: str) -> None:
    """Refuse what is neither a shape of an image nor None."""
    if value is not None:
        shape(value, where)

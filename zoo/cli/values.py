"""Values of options as people write them: numbers, times, sizes, lists."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from zoo.checks import DURATIONS
from zoo.errors import ZooError
from zoo.sources.naming import AUTO

if TYPE_CHECKING:
    from collections.abc import Sequence

Word = TypeVar("Word", bound=str)

ALL = "all"
"""In the place of a number."""

NO_BUDGET = "none"

_SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9}


def amount(text: str | None, option: str, example: str = "30e6 or 30M") -> float | None:
    """A number above zero: ``30M``, ``30e6``, ``1.8G``.

    Raises
    ------
    ZooError
    """
    return _suffixed(text, option, _SUFFIXES, f"a number above 0, such as {example}")


def not_negative(text: str, option: str, example: str = "1") -> float:
    """A number of at least zero: ``1``, ``0.5``.

    Raises
    ------
    ZooError
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise ZooError(f"{option} must be a number of at least 0, such as {example}, not {text!r}")
    return value


def percent(text: str, option: str) -> float:
    """A percentage of at least zero, with its sign or without: ``5%``.

    Raises
    ------
    ZooError
    """
    return not_negative(text.strip().removesuffix("%"), option, "5%")


def seconds(text: str | None, option: str) -> float | None:
    """A time above zero: ``90``, ``90s``, ``10m``, ``1h``.

    Raises
    ------
    ZooError
    """
    return _suffixed(text, option, DURATIONS, "a time above 0, such as 90s or 10m")


def budget(text: str, option: str) -> float | str | None:
    """A time above zero, ``auto``, or None for ``none``.

    Raises
    ------
    ZooError
    """
    if text in (AUTO, NO_BUDGET):
        return AUTO if text == AUTO else None
    return _suffixed(text, option, DURATIONS, "a time above 0, such as 90s or 10m, or auto or none")


def _suffixed(text: str | None, option: str, suffixes: dict[str, float], rule: str) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"([-+0-9.eE]+?)\s*([a-zA-Z]*)", text.strip())
    try:
        value = float(match.group(1)) * suffixes[match.group(2).lower()] if match else math.nan
    except (ValueError, KeyError):
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise ZooError(f"{option} must be {rule}, not {text!r}")
    return value


def number(text: str, option: str, word: str = ALL) -> int | str:
    """One whole number of at least 1, or the one permitted word.

    Raises
    ------
    ZooError
    """
    return text if text == word else _whole(text, option, word)


def numbers(texts: Sequence[str], option: str, word: Word) -> tuple[int | Word, ...]:
    """Whole numbers of at least 1, or the one permitted word.

    Raises
    ------
    ZooError
    """
    return tuple(word if part == word else _whole(part, option, word) for part in words(texts))


def words(texts: Sequence[str]) -> tuple[str, ...]:
    """Entries of a repeated option, each several with commas between."""
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def tasks(texts: Sequence[str]) -> tuple[str, ...]:
    """Entries of ``--task``, where a file's path may have commas in it."""
    return tuple(part for text in texts for part in ((text,) if text and Path(text).exists() else words([text])))


def _whole(text: str, option: str, word: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        alternative = f", or {word!r}" if word else ""
        raise ZooError(f"{option} must be whole numbers of at least 1{alternative}; not {text!r}")
    return value


def whole(text: str, option: str) -> int:
    """A whole number of at least 1.

    Raises
    ------
    ZooError
    """
    if not re.fullmatch(r"0*[1-9]\d*", text.strip()):
        raise ZooError(f"{option} must be a whole number of at least 1, not {text!r}")
    return int(text)


def native_or_pixels(text: str, option: str) -> int | str:
    """``native``, or a side in pixels.

    Raises
    ------
    ZooError
    """
    if text.strip() == "native":
        return "native"
    try:
        return whole(text, option)
    except ZooError:
        raise ZooError(f"{option} must be 'native' or pixels, such as 224; not {text!r}") from None


def in_bytes(count: float) -> str:
    """A size for people: ``44.7 MB``."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return f"{count:.0f} B"


def size(text: str) -> int | str:
    """An input size: ``native``, ``smallest`` or pixels.

    It is checked where it is used.
    """
    return int(text) if re.fullmatch(r"-?\d+", text) else text

"""Checks of single values that a user gave, in a suite or a call.

Each failure is one line that names the file, the key and the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from zoo.errors import InputFileError, UnknownNameError, option

if TYPE_CHECKING:
    from collections.abc import Sequence


NATIVE, SMALLEST = "native", "smallest"
SIZES = (NATIVE, SMALLEST)


MAX_SEEDS = 1000
"""More draws of a training set than anybody can train on: a slip, or a seed where a count is meant."""


def place(where: str, key: str) -> str:
    """What an error begins with: the file and the key.

    Where no file is concerned it is an argument of a function, or the flag of a command.
    """
    return f"{where}: {key}" if where else option(key)


def located(where: str, line: str) -> str:
    """A line, behind the file that it is about where there is one."""
    return f"{where}: {line}" if where else line


def text(value: Any, where: str, key: str, *, empty: bool = False) -> str:
    """``value`` as non-empty text (or also empty text)."""
    if not isinstance(value, str) or not (value.strip() or empty):
        raise InputFileError(f"{place(where, key)} must be {'text' if empty else 'non-empty text'}, not {value!r}")
    return value


def integer(value: Any, where: str, key: str, alternative: str = "") -> int:
    """``value`` as a whole number of at least 1.

    ``alternative`` names what else is permitted.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        rule = " ".join(filter(None, ("a whole number of at least 1", alternative)))
        raise InputFileError(f"{place(where, key)} must be {rule}, not {value!r}")
    return value


def path(value: Any, where: str, key: str) -> Path:
    """``value`` as the path of a file or folder."""
    return Path(value) if isinstance(value, PurePath) else Path(text(value, where, key))


def function(value: Any, where: str, key: str) -> Any:
    """``value`` as something that can be called."""
    if not callable(value):
        raise InputFileError(f"{place(where, key)} must be a function, not {value!r}")
    return value


def seed_count(value: Any, where: str, key: str) -> int:
    """``value`` as a number of seeds."""
    if integer(value, where, key) > MAX_SEEDS:
        raise InputFileError(f"{place(where, key)} must be at most {MAX_SEEDS}, not {value!r}")
    return int(value)


def flag(value: Any, where: str, key: str) -> bool:
    """``value`` as true or false."""
    if not isinstance(value, bool):
        raise InputFileError(f"{place(where, key)} is true or false, not {value!r}")
    return value


def folder_name(value: Any, where: str, key: str) -> str:
    """``value`` as text that can name one folder.

    A report is written into one of that name.
    """
    name = text(value, where, key)
    if name in (".", "..") or any(sign in name for sign in "/\\\0"):
        raise InputFileError(
            f"{place(where, key)} must be a name without / or \\, not {value!r}: a folder is named so"
        )
    return name


def number(value: Any, where: str, key: str) -> float:
    """``value`` as a finite number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise InputFileError(f"{place(where, key)} must be a number above 0, not {value!r}")
    return float(value)


def not_negative(value: Any, where: str, key: str) -> float:
    """``value`` as a finite number of at least 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise InputFileError(f"{place(where, key)} must be a number of at least 0, not {value!r}")
    return float(value)


def share(value: Any, where: str, key: str) -> float:
    """``value`` as a number above 0 and at most 1."""
    if (found := number(value, where, key)) > 1:
        raise InputFileError(f"{place(where, key)} must be at most 1, not {value!r}")
    return found


DURATIONS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
"""Seconds of a unit of time."""


def duration(value: Any, where: str, key: str) -> float:
    """``value`` as seconds above 0: ``90``, ``"90s"``, ``"10m"``, ``"1h"``."""
    found = re.fullmatch(r"([0-9.]+)\s*([a-z]*)", str(value).strip().lower())
    try:
        seconds = float(found[1]) * DURATIONS[found[2]] if found and not isinstance(value, bool) else 0.0
    except (ValueError, KeyError):
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise InputFileError(f"{place(where, key)} must be a time above 0, such as '90s' or '10m', not {value!r}")
    return seconds


def listed(value: Any, where: str, key: str) -> list[Any]:
    """``value`` as a list with at least one entry."""
    if not isinstance(value, list) or not value:
        raise InputFileError(f"{place(where, key)} must be a list with at least one entry, not {value!r}")
    return value


def filled(values: Any, where: str, key: str) -> tuple[Any, ...]:
    """``values`` with at least one entry, or a single value alone.

    With none there would be nothing to do, and nothing would be said.
    """
    if isinstance(values, str | int | float | PurePath) and not isinstance(values, bool):
        return (values,)
    if isinstance(values, bool | Mapping) or not isinstance(values, Iterable):
        raise InputFileError(f"{place(where, key)} must be one or several, not {values!r}")
    found = tuple(values)
    if not found:
        raise InputFileError(f"{place(where, key)}: name at least one")
    return found


def mapping(value: Any, where: str, key: str) -> Mapping[str, Any]:
    """``value`` as a TOML table."""
    if not isinstance(value, dict):
        found = "missing" if value is None else repr(value)
        raise InputFileError(f"{where}: [{key}] must be a table, and is {found}")
    return value


def choices(values: Iterable[str], known: Sequence[str], kind: str, where: str, key: str) -> None:
    """Refuse the first of ``values`` that is not ``known``.

    Names what is near and what is permitted.
    """
    for value in values:
        text(value, where, key)
        if value not in known:
            hint = "permitted: " + ", ".join(known)
            raise InputFileError(f"{place(where, key)}: {UnknownNameError(kind, value, known, hint)}")


def size(value: Any, where: str, key: str = "input_size", others: tuple[str, ...] = ()) -> int | str:
    """``value`` as a side in pixels, or the word that stands for one.

    ``others`` are words beside those for any size.
    """
    if isinstance(value, str):
        if value not in (known := (*others, *SIZES)):
            raise InputFileError(f"{place(where, key)} is {' or '.join(known)} or a number of pixels, not {value!r}")
        return value
    return integer(value, where, key)

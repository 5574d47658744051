"""What several commands take: the store, the format, numbers and lists as people write them."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Collection
from pathlib import Path

import typer

from zoo.errors import UnknownNameError, ZooError
from zoo.paths import default_store_url
from zoo.registry.licences import warning_of
from zoo.report.formats import FORMATS

TEXT_OR_JSON = ("table", "json")
"""Of commands whose answer is no table: a card, a choice."""

_SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9}
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def store_option() -> str | None:
    """``--store``."""
    option: str | None = typer.Option(
        None, "--store", help="Record store: a SQLite file or an SQLAlchemy URL (default: yours, or $ZOO_STORE)."
    )
    return option


def format_option() -> str:
    """``--format``."""
    option: str = typer.Option("table", "--format", help="table, json, csv or md.")
    return option


def licence_option() -> list[str]:
    """``--licence``."""
    option: list[str] = typer.Option(
        None, "--licence", help="Of the weights: a name, a pattern, or 'commercial' (known to permit that use)."
    )
    return option


def licences(given: list[str] | None) -> tuple[str, ...]:
    """What ``--licence`` asks for; an empty one is no limit that was asked for, but a mistake.

    Raises
    ------
    ZooError
    """
    found = words(given or [])
    if given and not found:
        raise ZooError("--licence names no licence; leave it out, or name one, a pattern, or 'commercial'")
    return found


def warn_of_licence(name: str, licence: str | None) -> None:
    """Say on stderr where the licence of some weights forbids commercial use."""
    if text := warning_of(licence):
        print(f"zoo: warning: {name}: {text}", file=sys.stderr)


def confirm_deletion(what: str, yes: bool) -> None:
    """Ask before deleting, unless ``yes`` was said.

    Raises
    ------
    ZooError
        Where nobody can be asked.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ZooError(f"would delete {what}; say --yes where nobody can be asked")
    typer.confirm(f"Delete {what}?", abort=True, err=True)


def store_url(given: str | None) -> str:
    """URL of a store named by file or URL, or of the default one.

    Raises
    ------
    ZooError
        For an empty name, such as that of a shell variable that is not set.
    """
    if given is None:
        return default_store_url()
    if not given.strip():
        raise ZooError("--store is empty; name a SQLite file or a URL, or leave it out for your own store")
    return given if "://" in given else f"sqlite:///{given}"


def check_format(form: str, permitted: Collection[str] | None = None) -> str:
    """``form`` if it is one of those that a command has.

    Parameters
    ----------
    permitted : collection of str, optional
        Every format of tables otherwise, those of other packages too.

    Raises
    ------
    UnknownNameError
    """
    names = FORMATS if permitted is None else permitted
    if form not in names:
        known = tuple(names)
        raise UnknownNameError("format", form, known, f"permitted here: {', '.join(known)}")
    return form


def amount(text: str | None, option: str, example: str = "30e6 or 30M") -> float | None:
    """A number above zero, with an optional suffix: ``30M``, ``30e6``, ``1.8G``.

    Raises
    ------
    ZooError
    """
    return _suffixed(text, option, _SUFFIXES, f"a number above 0, such as {example}")


def seconds(text: str | None, option: str) -> float | None:
    """A time above zero: ``90``, ``90s``, ``10m``, ``1h``.

    Raises
    ------
    ZooError
    """
    return _suffixed(text, option, _SECONDS, "a time above 0, such as 90s or 10m")


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


def number(text: str, option: str, word: str = "all") -> int | str:
    """One whole number of at least 1, or the one permitted word.

    Raises
    ------
    ZooError
    """
    return text if text == word else _whole(text, option, word)


def numbers(texts: list[str], option: str, word: str = "all") -> tuple[int | str, ...]:
    """Whole numbers of at least 1, or the one permitted word; commas separate too.

    Raises
    ------
    ZooError
    """
    return tuple(part if part == word else _whole(part, option, word) for part in words(texts))


def words(texts: list[str]) -> tuple[str, ...]:
    """Entries of a repeated option, each of which may hold several, separated by commas."""
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def tasks(texts: list[str]) -> tuple[str, ...]:
    """Entries of ``--task``: as :func:`words`, but a folder's path may have commas in it."""
    return tuple(part for text in texts for part in ((text,) if text and Path(text).is_dir() else words([text])))


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
    """An input size: ``native``, ``smallest`` or pixels; checked where it is used."""
    return int(text) if re.fullmatch(r"-?\d+", text) else text

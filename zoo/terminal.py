"""What the terminal at hand can show: its width, and its letters."""

from __future__ import annotations

import codecs
import locale
import os
import sys
import textwrap
import unicodedata
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WIDTH = 100
"""Columns where nothing says how many there are: in a file, in a pipe."""

NARROWEST, WIDEST = 40, 200

PLAIN: Mapping[str, str] = {
    "×": "x", "↓": "v", "↑": "^", "±": "+-", "–": "-", "—": "-", "−": "-", "…": "...", "→": "->", "·": "-",
    "µ": "u", "“": '"', "”": '"', "‘": "'", "’": "'",
}  # fmt: skip
"""What stands for a sign where it cannot be shown."""

ERRORS = "zoo.plain"
"""By this name Python knows how a stream writes what it cannot show."""


def width() -> int:
    """Columns that a table may take, 40 to 200.

    Those of ``$COLUMNS``, else of the terminal; 100 where there is none.
    """
    stated = os.environ.get("COLUMNS", "")
    columns = int(stated) if stated.isascii() and stated.isdigit() else 0
    if not columns:
        try:
            columns = os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else 0
        except (OSError, ValueError, AttributeError):  # a stream without a file, or closed
            columns = 0
    return max(NARROWEST, min(WIDEST, columns)) if columns else WIDTH


def wrapped(lines: Iterable[str], indent: str = "") -> list[str]:
    """Sentences as lines of the terminal's width, names in one piece.

    ``indent`` stands before the second and later lines of each.
    """
    wide = width()
    return [
        part
        for line in lines
        for part in textwrap.wrap(
            line, wide, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    ]


def cells(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def shown(text: str, encoding: str | None = None) -> str:
    """A text in the letters that a stream can show.

    Parameters
    ----------
    text : str
    encoding : str, optional
        Of the stream; otherwise that of standard output.
    """
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    if text.isascii():
        return text
    return text.encode(encoding, ERRORS).decode(encoding)


def fit_streams() -> None:
    """Let the standard streams write plain letters for what they lack."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding=_encoding(stream), errors=ERRORS)


def _encoding(stream: TextIO) -> str:
    """The letters of a stream: those of the locale, unless somebody stated others for Python.

    Under ``LC_ALL=C`` Python writes UTF-8 all the same, which the terminal need not show.
    """
    said = os.environ.get("PYTHONIOENCODING", "").partition(":")[0] or os.environ.get("PYTHONUTF8") == "1"
    of_the_locale = sys.flags.utf8_mode and not said
    return locale.getencoding() if of_the_locale else stream.encoding


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What stands for the letters at which an encoding stopped: plain ones, or their numbers."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(PLAIN.get(letter) or _number(letter) for letter in letters), error.end


def _number(letter: str) -> str:
    return letter.encode("ascii", "backslashreplace").decode("ascii")


codecs.register_error(ERRORS, _plain)

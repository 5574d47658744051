"""The errors a user can cause.

The command line prints each as one line and exits with 2.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


OPENED, CLOSED = "\x02", "\x03"
"""Around an argument in a text, until it is known who reads it."""

OPTION = re.compile(f"{OPENED}([^={CLOSED}]+)(?:=([^{CLOSED}]*))?{CLOSED}")

FLAGS = {
    "batches": "batch",
    "budget_s": "budget",
    "engines": "engine",
    "memory_formats": "memory-format",
    "forms": "form",
    "allocators": "allocator",
    "metrics": "metric",
    "precisions": "precision",
    "store_url": "store",
    "strategies": "strategy",
    "tasks": "task",
    "timeout_s": "timeout",
}
"""Flags of the command line that are called otherwise than the argument of a function."""


def option(name: str, value: str | None = None) -> str:
    """An argument of a public function, to be named in an error or message.

    A caller reads ``corrupt='skip'``, a user of the command line ``--corrupt skip``.
    """
    return f"{OPENED}{name}{CLOSED}" if value is None else f"{OPENED}{name}={value}{CLOSED}"


def for_caller(text: str) -> str:
    """A text whose arguments are named as functions have them."""
    return OPTION.sub(lambda found: found[1] if found[2] is None else f"{found[1]}={found[2]}", text)


def for_command(text: str) -> str:
    """A text whose arguments are named as flags of the command line."""

    def flag(found: re.Match[str]) -> str:
        name = f"--{FLAGS.get(found[1], found[1].replace('_', '-')).lower()}"
        return name if found[2] in (None, "True") else f"{name} {found[2].strip(_QUOTES)}"

    return OPTION.sub(flag, text)


_QUOTES = "'\""


class ZooError(Exception):
    """What was wrong, where, and what to do, in one line fit for a terminal.

    Arguments that it names by :func:`option` read as those of a function.
    """

    exit_code = 2

    def __str__(self) -> str:
        """The line for a caller of the functions."""
        return for_caller(super().__str__())

    @property
    def for_command(self) -> str:
        """The line for a user of the command line."""
        return for_command(super().__str__())


class UnknownNameError(ZooError):
    """A name that nothing answers to: of a model, suite, task, metric or key.

    Parameters
    ----------
    kind : str
        What was looked for, in the singular: ``"model"``, ``"suite"``.
    name : object
        The name as the user wrote it; what is no text is near to nothing.
    known : iterable of str
        Every name that would have been right; the nearest three are offered.
    hint : str
        What to do where nothing is near, such as ``"see `zoo list`"``.
    caution : str
        What those are that are near, said before the hint and only of them.
    """

    def __init__(
        self, kind: str, name: object, known: Iterable[str] = (), hint: str = "", *, caution: str = ""
    ) -> None:
        near = _nearest(name, known) if isinstance(name, str) else []
        line = f"unknown {kind} {name!r}"
        if near:
            line += ": did you mean " + ", ".join(near) + "?"
            hint = "; ".join(filter(None, (caution, hint)))
        if hint:
            line += f" ({hint})" if near else f": {hint}"
        super().__init__(line)
        self.kind, self.name, self.nearest = kind, name, tuple(near)


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    """The three known names that are most alike, whatever is in capitals."""
    spellings: dict[str, list[str]] = {}
    for one in known:
        spellings.setdefault(one.lower(), []).append(one)
    close = difflib.get_close_matches(name.lower(), list(spellings), n=3, cutoff=0.3)
    return [one for spelling in close for one in spellings[spelling]][:3]


class AmbiguousNameError(ZooError):
    """A bare name that several of the user's models answer to."""


class InputFileError(ZooError):
    """A file or folder of the user's that cannot be used, with the reason."""


class StoreError(ZooError):
    """A record store that cannot be read or written.

    It is locked, read-only, newer or broken, or the disk is full.
    """


class WeightsError(ZooError):
    """Weights that are missing, damaged or do not fit, with the way out."""


class ScriptError(ZooError):
    """A user's script that no worker can import.

    Nothing of a run can be measured from it.
    """


class ZooWarning(UserWarning):
    """What was done instead of what a reader might expect.

    Such as a new head where the file's did not fit.
    """

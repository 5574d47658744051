"""The errors a user can cause.

The command line prints each as one line and exits with 2.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ZooError(Exception):
    """What was wrong, where, and what to do, in one line fit for a terminal."""

    exit_code = 2


class UnknownNameError(ZooError):
    """A name that nothing answers to: of a model, suite, task, metric or key.

    Parameters
    ----------
    kind : str
        What was looked for, in the singular: ``"model"``, ``"suite"``.
    name : str
        The name as the user wrote it.
    known : iterable of str
        Every name that would have been right; the nearest three are offered.
    hint : str
        What to do where nothing is near, such as ``"see `zoo list`"``.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str] = (), hint: str = "") -> None:
        near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.3)
        line = f"unknown {kind} {name!r}"
        if near:
            line += ": did you mean " + ", ".join(near) + "?"
        if hint:
            line += f" ({hint})" if near else f": {hint}"
        super().__init__(line)
        self.kind, self.name, self.nearest = kind, name, tuple(near)


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

"""Tasks of records: each its digest, shown by its name."""

from __future__ import annotations

import os
import string
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.errors import UnknownNameError, ZooError
from zoo.paths import composed
from zoo.tasks.catalogue import outline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.results.rows import TransferRow


DIGITS = 8
"""Of a digest, where two tasks share a name."""

FEWEST_DIGITS = 6
"""Of a digest that is asked for."""


def identity(row: TransferRow) -> str:
    """Digest of a row's task, or the name where a record has none."""
    return row.settings.task_digest or row.task


def labels(rows: Iterable[TransferRow]) -> dict[str, str]:
    """The shown name of each task, by what it is known by.

    Its name, with the first digits of the digest where two tasks share one. A task of two names has the newest.
    """
    names = {identity(row): row.task for row in sorted(rows, key=started)}
    held = list(names.values())
    return {
        known: name if held.count(name) == 1 or known == name else f"{name}@{known[:DIGITS]}"
        for known, name in names.items()
    }


def started(row: TransferRow) -> float:
    """When the last trial of a row began."""
    return max(record.outcome.started for record in row.records)


def find(asked: str, rows: Iterable[TransferRow]) -> str:
    """What the task is known by that somebody asks for.

    Parameters
    ----------
    asked : str
        Its name, the name with the beginning of its digest (``birds@0123abcd``), six digits of the digest or more, or
        the path of its folder or list.
    rows : iterable of TransferRow

    Raises
    ------
    UnknownNameError
        Where no row is of it.
    ZooError
        For a name that several tasks have.
    """
    listed = list(rows)
    shown = labels(listed)
    named: dict[str, set[str]] = {}
    for row in listed:
        named.setdefault(row.task, set()).add(identity(row))
    name, _, digits = composed(asked).rpartition("@")
    found = named.get(composed(asked)) or {
        known for known in named.get(name, ()) if digits and known.startswith(digits)
    }
    if not found and len(asked) >= FEWEST_DIGITS and set(asked) <= set(string.hexdigits):
        found = {known for known in shown if known.startswith(asked.lower())}
    if not found and _is_path(asked):
        folder = Path(asked).expanduser()
        found = named.get(composed(folder.resolve().name), set())
        if len(found) > 1 and folder.exists():
            found = {outline(asked).digest} & found
    if not found:
        known = sorted(shown.values())
        raise UnknownNameError("task", asked, known, f"measured are {', '.join(known)}")
    if len(found) > 1:
        several = ", ".join(sorted(shown[known] for known in found))
        raise ZooError(f"several tasks are called {asked}: name one as {several}")
    return next(iter(found))


def newest_of_the_first(rows: list[TransferRow]) -> str:
    """The task of the first row.

    Of several under its name, the one that was trained on last.
    """
    return identity(max((row for row in rows if row.task == rows[0].task), key=started))


def _is_path(asked: str) -> bool:
    separators = [os.sep, *([os.altsep] if os.altsep else [])]
    return any(separator in asked for separator in separators) or asked in (".", "..") or Path(asked).exists()

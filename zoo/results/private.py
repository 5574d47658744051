"""Reasons of failures without the paths of whoever ran into them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.paths import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zoo.outcome import Outcome

QUOTED = re.compile(r"(['\"])(/(?:(?!\1).)*)(\1|$)")
LEADING = re.compile(r"^/(?:[^:]*/)?([^:/]+)/?(?=:)")
BARE = re.compile(r"(?<![\w.:/~-])/(?:[^\s/'\":,;()]+/)+([^\s/'\":,;()]*)")
"""An absolute path in quotes, the last of which may be cut off, one before the first colon, and one without spaces
anywhere; none of them in a URL."""


def without_paths(outcome: Outcome, files: Iterable[str | Path] = ()) -> Outcome:
    """An outcome whose reason and flags name files by their last names.

    What a user's disk looks like is nobody's who reads a record.

    Parameters
    ----------
    outcome : Outcome
    files : iterable of str or Path
        Folders and files that it may name by relative paths, or by names with spaces.
    """
    known = {text: shown_name(Path(file)) for file in files for text in _written(Path(file))}
    reason = _without(outcome.reason, known)
    flags = tuple(_without(flag, known) for flag in outcome.flags)
    if (reason, flags) == (outcome.reason, outcome.flags):
        return outcome
    return replace(outcome, reason=reason, flags=flags)


def _written(file: Path) -> list[str]:
    """How a path may stand in a text; a name alone hides nothing."""
    return [
        text for text in dict.fromkeys((str(file), str(file.absolute()), str(file.resolve()))) if "/" in text[:-1]
    ]


def _without(text: str, known: dict[str, str]) -> str:
    for path in sorted(known, key=len, reverse=True):
        text = text.replace(path, known[path])
    text = QUOTED.sub(_last_name, text.replace("file:///", "/"))
    return BARE.sub(r"\1", LEADING.sub(r"\1", text))


def _last_name(quoted: re.Match[str]) -> str:
    before, path, after = quoted.groups()
    return before + (path.rstrip("/").rpartition("/")[2] + after if after else "…")

"""Outlines from earlier runs, kept in the cache: one JSON file a task."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.paths import tasks_dir, write_atomically
from zoo.tasks.outline import TaskOutline

if TYPE_CHECKING:
    from pathlib import Path


CACHE_VERSION = 3


def recall(name: str, place: str, signature: str) -> TaskOutline | None:
    """The outline that is kept of a task, under the name that it has now.

    None where there is none, or one of another signature.

    Parameters
    ----------
    name : str
        What the task is called.
    place : str
        What tells this task from all others: an embedded one's name, a folder's whole path.
    signature : str
        See :meth:`zoo.tasks.source.TaskSource.signature`.
    """
    try:
        kept = json.loads(_file(place).read_text())
        if (kept["version"], kept["signature"]) != (CACHE_VERSION, signature):
            return None
        return replace(TaskOutline.from_dict(kept["outline"]), name=name)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # nothing there, or damaged: it is made again


def remember(outline: TaskOutline, place: str, signature: str) -> None:
    """Keep an outline, or leave it where the cache cannot be written."""
    file = _file(place)
    kept = {"version": CACHE_VERSION, "signature": signature, "outline": outline.to_dict()}
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, json.dumps(kept).encode())


def _file(place: str) -> Path:
    return tasks_dir() / f"{hashlib.sha256(place.encode()).hexdigest()[:32]}.json"

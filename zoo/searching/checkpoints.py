"""Trainings that a search keeps to go on from, within some room on disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from zoo.paths import cache_dir

if TYPE_CHECKING:
    from pathlib import Path


MOST_BYTES = 4 << 30
"""Of all that one search keeps."""


def folder_of(search: str) -> Path:
    """Where the search of a digest keeps its trainings."""
    return cache_dir() / "searches" / search


def kept_within(checkpoint: Path, size: int) -> bool:
    """Whether a training of so many bytes has room beside the others."""
    held = checkpoint.parent.iterdir() if checkpoint.parent.is_dir() else ()
    others = sum(path.stat().st_size for path in held if path != checkpoint)
    room = checkpoint.parent
    while not room.exists():
        room = room.parent
    return others + size <= MOST_BYTES and size < shutil.disk_usage(room).free / 2


def forget(search: str) -> None:
    """Delete what a search that ended has kept."""
    shutil.rmtree(folder_of(search), ignore_errors=True)

"""Arrays that are kept on the disk for every run, within a limit."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from zoo.paths import cache_dir

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import DTypeLike, NDArray


BYTES = 20 * 2**30
"""Of arrays of a kind that are kept, where ``$ZOO_CACHE_BYTES`` names no other number."""


def kept_array(
    kind: str, key: str, shape: tuple[int, ...], dtype: DTypeLike
) -> tuple[NDArray[np.generic], NDArray[np.uint8]]:
    """An array in a file mapped to memory, and which rows are there.

    Its bytes are taken on the disk at once, since a disk that is full later would end the process. Where there is no
    room, or no folder can be made, the array is in memory.

    Parameters
    ----------
    kind : str
        Folder and ending of its files: ``"pixels"``.
    key : str
        What tells the array from others of its kind.
    shape : tuple of int
    dtype : dtype

    Returns
    -------
    array : ndarray
    done : ndarray of uint8
        (rows,), 1 where a row is there.
    """
    import numpy as np

    folder = cache_dir() / kind
    paths = [folder / f"{key}.{ending}" for ending in (kind, "done")]
    sizes = [int(np.prod(shape)) * np.dtype(dtype).itemsize, shape[0]]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make_room(folder, kind, sizes[0], keep=paths[0])
        for path, size in zip(paths, sizes, strict=True):
            if not path.exists() or path.stat().st_size != size:
                _allocate(path, size)
            os.utime(path)
        return np.memmap(paths[0], dtype, "r+", shape=shape), np.memmap(paths[1], np.uint8, "r+")
    except (OSError, ValueError):
        return np.zeros(shape, dtype), np.zeros(shape[0], np.uint8)


def _allocate(path: Path, size: int) -> None:
    try:
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _make_room(folder: Path, kind: str, needed: int, keep: Path) -> None:
    """Take away what was used longest ago, until the rest and what comes are within the limit."""
    limit = int(os.environ.get("ZOO_CACHE_BYTES") or BYTES)
    kept = sorted(folder.glob(f"*.{kind}"), key=lambda path: path.stat().st_mtime)
    used = sum(path.stat().st_size for path in kept if path != keep) + needed
    for path in kept:
        if used <= limit:
            return
        if path != keep:
            used -= path.stat().st_size
            for gone in (path.with_suffix(".done"), path):
                with contextlib.suppress(OSError):
                    gone.unlink()

"""Arrays that are kept on the disk for every run, within a limit."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.paths import cache_dir

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import DTypeLike, NDArray


BYTES = 20 * 2**30
"""Of arrays of a kind that are kept, where ``$ZOO_CACHE_BYTES`` names no other number."""

IN_MEMORY = 2**30
"""Bytes of the largest array that is in memory where it cannot be kept."""

SUFFIXES = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


def kept_array(
    kind: str, key: str, shape: tuple[int, ...], dtype: DTypeLike
) -> tuple[NDArray[np.generic], NDArray[np.uint8]]:
    """An array in a file mapped to memory, and which rows are there.

    Its bytes are taken on the disk at once, since a disk that is full later would end the process. Where there is no
    room, or no folder can be made, a small array is in memory, and a large one is refused.

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

    Raises
    ------
    ZooError
        For a large array that has no room, and a limit that is no number.
    """
    import numpy as np

    folder = cache_dir() / kind
    paths = [folder / f"{key}.{ending}" for ending in (kind, "done")]
    sizes = [int(np.prod(shape)) * np.dtype(dtype).itemsize, shape[0]]
    limit = _limit()
    try:
        if sizes[0] > limit:
            raise OSError(f"ZOO_CACHE_BYTES permits {limit / 1e9:.3g} GB")
        folder.mkdir(parents=True, exist_ok=True)
        _make_room(folder, kind, limit - sizes[0], keep=paths[0])
        for path, size in zip(paths, sizes, strict=True):
            if not path.exists() or path.stat().st_size != size:
                _allocate(path, size)
            os.utime(path)
        return np.memmap(paths[0], dtype, "r+", shape=shape), np.memmap(paths[1], np.uint8, "r+")
    except (OSError, ValueError) as error:
        if sizes[0] > IN_MEMORY:
            reason = getattr(error, "strerror", None) or str(error)
            raise ZooError(
                f"{folder}: {kind} of {shape[0]} images take {sizes[0] / 1e9:.3g} GB, which cannot be kept there: "
                f"{reason}; make room, set ZOO_CACHE elsewhere or ZOO_CACHE_BYTES higher, or take smaller images"
            ) from None
        return np.zeros(shape, dtype), np.zeros(shape[0], np.uint8)


def _limit() -> int:
    """Bytes of arrays of a kind that are kept.

    Raises
    ------
    ZooError
    """
    said = os.environ.get("ZOO_CACHE_BYTES", "").strip()
    if not said:
        return BYTES
    match = re.fullmatch(r"(\d+(?:\.\d*)?)\s*([KMGT]?)B?", said.upper())
    if match is None:
        raise ZooError(f"ZOO_CACHE_BYTES must be a number of bytes, such as 20G; not {said!r}")
    return int(float(match[1]) * SUFFIXES[match[2]])


def _allocate(path: Path, size: int) -> None:
    try:
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _make_room(folder: Path, kind: str, rest: int, keep: Path) -> None:
    """Take away what was used longest ago, until what is left is within the rest."""
    kept = sorted((path for path in folder.glob(f"*.{kind}") if path != keep), key=lambda path: path.stat().st_mtime)
    used = sum(path.stat().st_size for path in kept)
    for path in kept:
        if used <= rest:
            return
        used -= path.stat().st_size
        for gone in (path.with_suffix(".done"), path):
            with contextlib.suppress(OSError):
                gone.unlink()

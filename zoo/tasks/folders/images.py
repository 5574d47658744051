"""Images of files at the size that is asked for, scaled once and kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.machine.devices import all_cores
from zoo.paths import cache_dir
from zoo.tasks.folders.pixels import rgb_on_white
from zoo.tasks.signature import code_signature

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


BYTES = 20 * 2**30
"""Of scaled images that are kept on the disk, where ``$ZOO_CACHE_BYTES`` names no other number."""

AT_ONCE = 64
"""Files scaled between two writes to the disk."""


@dataclass(frozen=True)
class FileImages:
    """Image files of one part of a task, or some of them.

    Attributes
    ----------
    files : tuple of Path
        Of the whole part.
    digests : tuple of str
        SHA-256 of each file's bytes.
    chosen : tuple of int
        Indices into ``files``.
    """

    files: tuple[Path, ...]
    digests: tuple[str, ...]
    chosen: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, indices: NDArray[np.int64] | Sequence[int]) -> FileImages:
        return replace(self, chosen=tuple(self.chosen[int(index)] for index in indices))

    def at(self, side: int) -> NDArray[np.uint8]:
        """Pixels (N, side, side, 3), each whole image scaled to a square.

        From its own size. They are scaled once for a size, by several threads, and kept on the disk for every trial
        and run.
        """
        import numpy as np

        pixels, done = self._kept(side)
        missing = [index for index in dict.fromkeys(self.chosen) if not done[index]]
        with ThreadPoolExecutor(all_cores()) as pool:
            for start in range(0, len(missing), AT_ONCE):
                part = missing[start : start + AT_ONCE]
                for index, image in zip(part, pool.map(lambda i: _scaled(self.files[i], side), part), strict=True):
                    pixels[index] = image
                if isinstance(pixels, np.memmap):
                    pixels.flush()
                done[part] = 1
        found: NDArray[np.uint8] = np.asarray(pixels[list(self.chosen)])
        return found

    def _kept(self, side: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """The file of pixels at a size, and the one of which are there; in memory where neither can be made."""
        import numpy as np

        shape = (len(self.files), side, side, 3)
        key = hashlib.sha256("\n".join((*self.digests, str(side), code_signature(("numpy", "pillow")))).encode())
        folder = cache_dir() / "pixels"
        paths = [folder / f"{key.hexdigest()[:40]}.{kind}" for kind in ("pixels", "done")]
        sizes = [int(np.prod(shape)), len(self.files)]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _make_room(folder, sizes[0], keep=paths[0])
            for path, size in zip(paths, sizes, strict=True):
                if not path.exists() or path.stat().st_size != size:
                    with path.open("wb") as file:
                        file.truncate(size)
                os.utime(path)
            return np.memmap(paths[0], np.uint8, "r+", shape=shape), np.memmap(paths[1], np.uint8, "r+")
        except (OSError, ValueError):
            return np.zeros(shape, np.uint8), np.zeros(len(self.files), np.uint8)


def pixels_at(images: NDArray[np.uint8] | FileImages, side: int) -> NDArray[np.uint8]:
    """Pixels of a part: files at a size, and drawn images as they are."""
    return images.at(side) if isinstance(images, FileImages) else images


def part_of(files: Sequence[Path], digests: Sequence[str]) -> FileImages:
    """All files of a part."""
    return FileImages(tuple(files), tuple(digests), tuple(range(len(files))))


def _scaled(file: Path, side: int) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image, ImageOps

    with Image.open(file) as opened:
        upright = rgb_on_white(ImageOps.exif_transpose(opened))
    same = upright.size == (side, side)
    return np.asarray(upright if same else upright.resize((side, side), Image.Resampling.BILINEAR))


def _make_room(folder: Path, needed: int, keep: Path) -> None:
    """Take away what was used longest ago, until the rest and what comes are within the limit."""
    limit = int(os.environ.get("ZOO_CACHE_BYTES") or BYTES)
    kept = sorted(folder.glob("*.pixels"), key=lambda path: path.stat().st_mtime)
    used = sum(path.stat().st_size for path in kept if path != keep) + needed
    for path in kept:
        if used <= limit:
            return
        if path != keep:
            used -= path.stat().st_size
            for gone in (path.with_suffix(".done"), path):
                with contextlib.suppress(OSError):
                    gone.unlink()

"""Images of files at the size that is asked for, scaled once and kept."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from zoo.errors import InputFileError, ZooError
from zoo.images.kept import kept_array
from zoo.images.pixels import rgb_on_white, unreadable, upright, with_reason
from zoo.images.signature import PILLOW, code_signature
from zoo.machine.devices import all_cores
from zoo.processes.spread import AT_ONCE, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


CROP, SQUASH, PAD = "crop", "squash", "pad"
FITS = (CROP, SQUASH, PAD)
"""How an image of any proportions becomes a square."""

FIRST = (SQUASH, "bilinear")
"""Fit and interpolation whose pixels are kept under a key that names neither."""

GREY = (124, 116, 104)
"""Beside an image that is padded: the mean of ImageNet, which is zero to a network."""

SYNC_S = 5.0
"""Between two writes to the disk: what is not on it is not marked as there, whatever ends the process."""


@dataclass(frozen=True)
class FileImages:
    """Image files of one part of a task, or some of them.

    Attributes
    ----------
    files : tuple of Path
        Of the whole part.
    digests : tuple of str
        SHA-256 of each file's bytes.
    contents : tuple of str
        Digest of each file's picture, which several files may share.
    chosen : tuple of int
        Indices into ``files``.
    """

    files: tuple[Path, ...]
    digests: tuple[str, ...]
    contents: tuple[str, ...]
    chosen: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, indices: NDArray[np.int64] | Sequence[int]) -> FileImages:
        return replace(self, chosen=tuple(self.chosen[int(index)] for index in indices))

    def at(self, side: int, fit: str = SQUASH, interpolation: str = "bilinear") -> NDArray[np.uint8]:
        """Pixels (N, side, side, 3) of the images that are chosen."""
        import numpy as np

        found: NDArray[np.uint8] = np.asarray(self.kept_at(side, fit, interpolation)[list(self.chosen)])
        return found

    def kept_at(
        self, side: int, fit: str = SQUASH, interpolation: str = "bilinear", cores: int | None = None
    ) -> NDArray[np.uint8]:
        """Pixels of all files, of which those of the chosen images are there.

        (N, side, side, 3). Each is scaled from its own size, once for a size and a fit, by several processes where
        that is worth it, and kept on the disk for every trial and run.

        Parameters
        ----------
        side : int
        fit : str
            One of :data:`FITS`: ``"squash"`` scales the whole image to a square, ``"crop"`` the middle square,
            ``"pad"`` puts the whole image, in its proportions, on grey.
        interpolation : str
            ``"bilinear"``, ``"bicubic"`` or ``"nearest"``.
        cores : int, optional
            Images read side by side; as many as there are cores otherwise.

        Raises
        ------
        InputFileError
            For a file that cannot be read any more.
        ZooError
            Where the array has no room.
        """
        import numpy as np

        pixels, done = self._kept(side, "" if (fit, interpolation) == FIRST else f"{fit} {interpolation}")
        chosen = np.asarray(self.chosen, dtype=np.int64)
        missing = np.unique(chosen[done[chosen] == 0]).tolist()
        scaled = partial(_scaled, side=side, fit=fit, interpolation=interpolation)
        apart = partial(_write, str(pixels.filename), scaled) if isinstance(pixels, np.memmap) else None
        here = apart or partial(_put, pixels, scaled)
        ready, synced = 0, time.monotonic()
        for start, _ in enumerate(spread(here, [(i, self.files[i]) for i in missing], cores or all_cores(), apart)):
            end = (start + 1) * AT_ONCE
            if end >= len(missing) or time.monotonic() - synced > SYNC_S:
                _sync(pixels)
                done[missing[ready:end]] = 1
                ready, synced = end, time.monotonic()
        return pixels

    def _kept(self, side: int, way: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """The array of pixels at a size, and which of them are there."""
        import numpy as np

        what = (*self.digests, str(side), *filter(None, [way]), code_signature(PILLOW))
        key = hashlib.sha256("\n".join(what).encode()).hexdigest()[:40]
        pixels, done = kept_array("pixels", key, (len(self.files), side, side, 3), np.uint8)
        return pixels, done  # type: ignore[return-value]


def part_of(files: Sequence[Path], digests: Sequence[str], contents: Sequence[str]) -> FileImages:
    """All files of a part."""
    return FileImages(tuple(files), tuple(digests), tuple(contents), tuple(range(len(files))))


def _write(place: str, scaled: Callable[[Path], NDArray[np.uint8]], item: tuple[int, Path]) -> None:
    """Put an image into its row of the file of an array.

    Not through a map of it, whose pages would count as this process's memory.
    """
    row, file = item
    content = scaled(file).tobytes()
    try:
        target = os.open(place, os.O_WRONLY)
        try:
            written = os.pwrite(target, content, row * len(content))
        finally:
            os.close(target)
    except OSError as error:
        raise ZooError(
            f"{place}: cannot be written: {error.strerror}; mend that, or set ZOO_CACHE elsewhere"
        ) from None
    if written != len(content):
        raise ZooError(f"{place}: the disk is full; make room there, or set ZOO_CACHE elsewhere")


def _put(pixels: NDArray[np.uint8], scaled: Callable[[Path], NDArray[np.uint8]], item: tuple[int, Path]) -> None:
    """Put an image into its row of an array in memory."""
    pixels[item[0]] = scaled(item[1])


def _sync(pixels: NDArray[np.uint8]) -> None:
    import numpy as np

    if isinstance(pixels, np.memmap):
        target = os.open(pixels.filename or "", os.O_WRONLY)
        try:
            os.fsync(target)
        finally:
            os.close(target)


def _scaled(file: Path, side: int, fit: str, interpolation: str) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as opened:
            whole = rgb_on_white(upright(opened))
    except unreadable() as error:
        raise InputFileError(
            f"{with_reason(str(file), error)}: cannot be decoded: damaged, or changed since the task was planned; "
            "mend it and run again, or let corrupt images be skipped"
        ) from None
    how = Image.Resampling[interpolation.upper()]
    width, height = whole.size
    if fit == PAD:
        return np.asarray(ImageOps.pad(whole, (side, side), how, color=GREY))
    box = (0.0, 0.0, float(width), float(height))
    if fit == CROP:
        # In one step: a panorama scaled by its shorter side would be thousands of pixels wide before it is cropped.
        edge = min(width, height)
        left, top = (width - edge) / 2, (height - edge) / 2
        box = (left, top, left + edge, top + edge)
    same = whole.size == (side, side)
    return np.asarray(whole if same else whole.resize((side, side), how, box))

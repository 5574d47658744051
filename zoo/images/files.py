"""Images of files at the size that is asked for, scaled once and kept."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from zoo.images.kept import kept_array
from zoo.images.pixels import rgb_on_white
from zoo.images.signature import PILLOW, code_signature
from zoo.machine.devices import all_cores

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    contents : tuple of str
        Digest of each file's pixels, which several files may share.
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

    def kept_at(self, side: int, fit: str = SQUASH, interpolation: str = "bilinear") -> NDArray[np.uint8]:
        """Pixels of all files, of which those of the chosen images are there.

        (N, side, side, 3). Each is scaled from its own size, once for a size and a fit, by several threads, and kept
        on the disk for every trial and run.

        Parameters
        ----------
        side : int
        fit : str
            One of :data:`FITS`: ``"squash"`` scales the whole image to a square, ``"crop"`` the middle square,
            ``"pad"`` puts the whole image, in its proportions, on grey.
        interpolation : str
            ``"bilinear"``, ``"bicubic"`` or ``"nearest"``.
        """
        import numpy as np

        pixels, done = self._kept(side, "" if (fit, interpolation) == FIRST else f"{fit} {interpolation}")
        missing = [index for index in dict.fromkeys(self.chosen) if not done[index]]
        scaled = partial(_scaled, side=side, fit=fit, interpolation=interpolation)
        with ThreadPoolExecutor(all_cores()) as pool:
            for start in range(0, len(missing), AT_ONCE):
                part = missing[start : start + AT_ONCE]
                for index, image in zip(part, pool.map(lambda i: scaled(self.files[i]), part), strict=True):
                    pixels[index] = image
                if isinstance(pixels, np.memmap):
                    pixels.flush()
                done[part] = 1
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


def _scaled(file: Path, side: int, fit: str, interpolation: str) -> NDArray[np.uint8]:
    import numpy as np
    from PIL import Image, ImageOps

    with Image.open(file) as opened:
        upright = rgb_on_white(ImageOps.exif_transpose(opened))
    how = Image.Resampling[interpolation.upper()]
    width, height = upright.size
    if fit == PAD:
        return np.asarray(ImageOps.pad(upright, (side, side), how, color=GREY))
    box = (0.0, 0.0, float(width), float(height))
    if fit == CROP:
        # In one step: a panorama scaled by its shorter side would be thousands of pixels wide before it is cropped.
        edge = min(width, height)
        left, top = (width - edge) / 2, (height - edge) / 2
        box = (left, top, left + edge, top + edge)
    same = upright.size == (side, side)
    return np.asarray(upright if same else upright.resize((side, side), how, box))

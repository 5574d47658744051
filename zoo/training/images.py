"""Images of a task as tensors: scaled, cropped and normalised."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zoo.images.files import CROP, SQUASH, FileImages
from zoo.training.augment import centre

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from zoo.canonical import JsonObject


CHUNK = 256
"""Images resized at a time: floats of a chunk are small beside the network's activations."""

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Prepared:
    """Images of a part at the size that a network takes them from.

    Attributes
    ----------
    pixels : ndarray of uint8
        (N, R, R, 3), where it may be in a file that is mapped to memory.
    chosen : ndarray of int64
        Rows of it that are meant, (M,).
    scale : callable
        From a tensor of pixels (M, 3, R, R) to those of a network's size.
    """

    pixels: NDArray[np.uint8]
    chosen: NDArray[np.int64]
    scale: Callable[[Tensor], Tensor]

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, indices: Sequence[int] | NDArray[np.int64] | slice) -> Prepared:
        return replace(self, chosen=self.chosen[indices])

    def take(self, indices: Sequence[int] | slice) -> Tensor:
        """Some of the images, uint8 (M, 3, R, R)."""
        import numpy as np
        import torch

        rows = np.asarray(self.pixels[self.chosen[indices]])
        return self.scale(torch.from_numpy(rows).permute(0, 3, 1, 2))

    def batches(self, size: int) -> Iterator[Tensor]:
        """All images in order, so many at a time."""
        for start in range(0, len(self), size):
            yield self.take(slice(start, start + size))

    def middles(self, side: int) -> Tensor:
        """The middle square of every image, uint8 (M, 3, side, side).

        Bytes, since a set of floats would take four times the memory and is needed a batch at a time.
        """
        import torch

        found = torch.empty(len(self), 3, side, side, dtype=torch.uint8)
        for start, batch in enumerate(self.batches(CHUNK)):
            found[start * CHUNK : (start + 1) * CHUNK] = centre(batch, side)
        return found


@dataclass(frozen=True)
class Transform:
    """How a task's image becomes a network's input.

    Attributes
    ----------
    size : int
        Side in pixels.
    mean, std : tuple of float
        Per channel, of values in 0..1; those the weights were trained with.
    interpolation : str
        ``"bilinear"``, ``"bicubic"`` or ``"nearest"``; antialiased where it can be.
    fit : str
        Of files, ``"crop"`` (the shorter side is scaled to ``shorter`` and the middle taken, as for published
        figures), ``"squash"`` (the whole image is scaled to a square) or ``"pad"`` (the longer side is scaled to the
        square's, and grey stands beside). Drawn images are squares, and scaled.
    shorter : int or None
        For ``"crop"``; the size otherwise.
    """

    size: int
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    interpolation: str = "bilinear"
    fit: str = SQUASH
    shorter: int | None = None

    def to_dict(self) -> JsonObject:
        """JSON values that name the transform in a cache key."""
        plain: JsonObject = {
            "size": self.size,
            "mean": list(self.mean),
            "std": list(self.std),
            "interpolation": self.interpolation,
        }
        return plain if self.fit == SQUASH else plain | {"fit": self.fit, "shorter": self.shorter}

    def prepare(self, images: NDArray[np.uint8] | FileImages, chosen: NDArray[np.int64] | None = None) -> Prepared:
        """Images of a part, or some of them, read where they are files.

        Files are scaled from their own size in one step, and are then a little larger than the network's input where
        the transform crops. Drawn images are scaled when they are taken.
        """
        import numpy as np

        if isinstance(images, FileImages):
            wanted = images if chosen is None else images[chosen]
            side = (self.shorter or self.size) if self.fit == CROP else self.size
            pixels = wanted.kept_at(side, self.fit, self.interpolation)
            return Prepared(pixels, np.asarray(wanted.chosen, dtype=np.int64), lambda batch: batch)
        return Prepared(images, np.arange(len(images)) if chosen is None else chosen, self._resize_chunk)

    def resize(self, images: NDArray[np.uint8] | FileImages) -> Tensor:
        """Scale uint8 images (N, H, W, 3) to a uint8 tensor (N, 3, size, size)."""
        return self.prepare(images).middles(self.size)

    def _resize_chunk(self, chunk: Tensor) -> Tensor:
        import torch

        if chunk.shape[-2:] == (self.size, self.size):
            return chunk
        smooth = self.interpolation in ("bilinear", "bicubic")
        mode = self.interpolation if smooth else "nearest"
        # align_corners has no meaning for "nearest", where torch refuses any value but None.
        scaled = torch.nn.functional.interpolate(
            chunk.float(),
            size=(self.size, self.size),
            mode=mode,
            antialias=smooth,
            align_corners=False if smooth else None,
        )
        return scaled.round().clamp(0, 255).to(torch.uint8)

    def network_input(self, batch: Tensor) -> Tensor:
        """Normalised middle of a uint8 batch (N, 3, R, R), to test on."""
        return self.normalise(centre(batch, self.size))

    def normalise(self, batch: Tensor) -> Tensor:
        """Normalised images of a uint8 batch (N, 3, size, size).

        Float32, on the batch's device. Channels last, which is no slower anywhere; see
        docs/measuring.md#channels-last.
        """
        import torch

        count, channels, height, width = batch.shape
        # A row of pixels at a time: with channels last in memory, a channel's own value would be met one by one.
        mean = torch.tensor(self.mean, device=batch.device).repeat(width)
        std = torch.tensor(self.std, device=batch.device).repeat(width)
        floats = torch.empty((count, height, width, channels), device=batch.device).copy_(batch.permute(0, 2, 3, 1))
        floats.view(count * height, width * channels).div_(255).sub_(mean).div_(std)  # in place, as memory is dear
        return floats.permute(0, 3, 1, 2)

"""Images of a task as tensors: resized, normalised and shifted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.tasks.folders.images import pixels_at

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from zoo.canonical import JsonObject
    from zoo.tasks.folders.images import FileImages


CHUNK = 256
"""Images resized at a time: floats of a chunk are small beside the network's activations."""

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Transform:
    """How a task's image becomes a network's input.

    The whole image is scaled to a square, without the centre crop of published evaluation: the tasks'
    subjects reach to the edges, and at these sizes a crop would cut them.

    Attributes
    ----------
    size : int
        Side in pixels.
    mean, std : tuple of float
        Per channel, of values in 0..1; those the weights were trained with.
    interpolation : str
        ``"bilinear"``, ``"bicubic"`` or ``"nearest"``; antialiased where it can be.
    """

    size: int
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    interpolation: str = "bilinear"

    def to_dict(self) -> JsonObject:
        """JSON values that name the transform in a cache key."""
        return {
            "size": self.size,
            "mean": list(self.mean),
            "std": list(self.std),
            "interpolation": self.interpolation,
        }

    def resize(self, images: NDArray[np.uint8] | FileImages) -> Tensor:
        """Scale uint8 images (N, H, W, 3) to a uint8 tensor (N, 3, size, size).

        Files are scaled from their own size, in one step. Bytes, since a set of floats would take four times the
        memory and is needed a batch at a time.
        """
        import torch

        pixels = pixels_at(images, self.size)
        resized = torch.empty(len(pixels), 3, self.size, self.size, dtype=torch.uint8)
        for start in range(0, len(pixels), CHUNK):
            chunk = torch.from_numpy(pixels[start : start + CHUNK].copy()).permute(0, 3, 1, 2)
            resized[start : start + CHUNK] = self._resize_chunk(chunk)
        return resized

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

    def normalise(self, batch: Tensor) -> Tensor:
        """Normalised images of a uint8 batch (N, 3, size, size).

        Float32, on the batch's device. Channels last, which is no slower anywhere; see
        docs/measuring.md#channels-last.
        """
        import torch

        mean = torch.tensor(self.mean, device=batch.device)[:, None, None]
        std = torch.tensor(self.std, device=batch.device)[:, None, None]
        return ((batch.float() / 255 - mean) / std).contiguous(memory_format=torch.channels_last)


def shift(batch: Tensor, distance: int, generator: torch.Generator) -> Tensor:
    """Move each image of a batch (N, C, H, W) by up to ``distance`` pixels.

    Edges are repeated. The only augmentation of the recipe. Flips and turns would change what a letter is.
    """
    import torch

    if distance == 0:
        return batch
    side_h, side_w = batch.shape[-2:]
    padded = torch.nn.functional.pad(batch.float(), [distance] * 4, mode="replicate").to(batch.dtype)
    offsets = torch.randint(0, 2 * distance + 1, (len(batch), 2), generator=generator).tolist()
    moved = [image[:, y : y + side_h, x : x + side_w] for image, (y, x) in zip(padded, offsets, strict=True)]
    return torch.stack(moved)

"""Training images changed at random, so that few do for many."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor
    from torchvision.transforms.v2 import RandomResizedCrop

    Change = Callable[[Tensor], Tensor]


LEAST_AREA, ASPECT = 0.35, (3 / 4, 4 / 3)
"""Of an image, what a random crop keeps at least, and its proportions."""


def augment(batch: Tensor, kind: str, side: int, share: float, generator: torch.Generator) -> Tensor:
    """Change each image of a batch at random.

    ``"none"`` crops the middle, ``"shift"`` moves by some pixels, ``"standard"`` crops at random and flips half of
    the images left to right, ``"trivial"`` makes one change more, of colour or of shape (TrivialAugment,
    arXiv 2103.10158).

    Parameters
    ----------
    batch : Tensor
        uint8 (N, 3, R, R).
    kind : str
        One of :data:`zoo.training.recipe.AUGMENTS`.
    side : int
        Of the result; at most R.
    share : float
        Of the side, by which ``"shift"`` moves at most.
    generator : torch.Generator
        Whose numbers decide; the caller's random state is left as it was.

    Returns
    -------
    Tensor
        uint8 (N, 3, side, side).
    """
    if kind in ("none", "shift"):
        middle = centre(batch, side)
        return shift(middle, round(share * side), generator) if kind == "shift" else middle
    return _by_torchvision(batch, kind, side, generator)


def centre(batch: Tensor, side: int) -> Tensor:
    """The middle square of images (N, C, R, R)."""
    height, width = batch.shape[-2:]
    top, left = round((height - side) / 2), round((width - side) / 2)
    return batch[..., top : top + side, left : left + side]


def shift(batch: Tensor, distance: int, generator: torch.Generator) -> Tensor:
    """Move each image of a batch (N, C, H, W) by up to ``distance`` pixels.

    Edges are repeated. Flips and turns would change what a letter is.
    """
    import torch

    if distance == 0:
        return batch
    side_h, side_w = batch.shape[-2:]
    padded = torch.nn.functional.pad(batch.float(), [distance] * 4, mode="replicate").to(batch.dtype)
    offsets = torch.randint(0, 2 * distance + 1, (len(batch), 2), generator=generator).tolist()
    moved = [image[:, y : y + side_h, x : x + side_w] for image, (y, x) in zip(padded, offsets, strict=True)]
    return torch.stack(moved)


def _by_torchvision(batch: Tensor, kind: str, side: int, generator: torch.Generator) -> Tensor:
    import torch
    from torchvision.transforms import v2

    crop = v2.RandomResizedCrop(side, scale=(LEAST_AREA, 1.0), ratio=ASPECT, antialias=True)
    changes: list[Change] = [v2.RandomHorizontalFlip()]
    if kind == "trivial":
        changes.append(v2.TrivialAugmentWide())
    changed = torch.empty((len(batch), side, side, batch.shape[1]), dtype=batch.dtype)
    with torch.random.fork_rng(devices=[]):
        # torchvision draws from the global state alone.
        torch.manual_seed(int(torch.randint(0, 2**31, (), generator=generator)))
        for image, place in zip(batch, changed, strict=True):
            found = _cropped(crop, image)
            for change in changes:
                found = change(found)
            place.copy_(found.permute(1, 2, 0))
    return changed.permute(0, 3, 1, 2)


def _cropped(crop: RandomResizedCrop, image: Tensor) -> Tensor:
    """A random crop of an image (3, R, R), scaled.

    Channels stay last in memory, as files have them and the network's input will: half the time of a batch.
    """
    import torch
    from torchvision.transforms.v2 import functional

    box = crop.make_params([image])
    piece = functional.crop(image[None], **box).contiguous(memory_format=torch.channels_last)
    scaled: Tensor = functional.resize(piece, list(crop.size), antialias=True)
    return scaled[0]

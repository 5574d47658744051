"""The data that weights were trained on, by their tag."""

from __future__ import annotations

import re
from pathlib import Path

from zoo.registry.packaged import TAG as PACKAGED

IMAGENET = re.compile(r"(?:^|_)(?:in|imagenet)(\d+k)(?=_|$)")
"""How tags name a set of ImageNet: ``a1_in1k``, ``imagenet1k_v1``."""

SHOWN = 8
"""Hex digits of a checkpoint's digest beside its name."""

THEN = "_ft_"
"""What stands in a tag between the data of a first training and of a second."""


def source_of(weights: str, digest: str | None = None) -> str:
    """What a tag says of the data, such as ``ImageNet-1k``.

    Weights that the zoo trained are called by their task, and so are those of any other data: their tag stands for
    it. The name of a file says nothing of its data, so that files of one name and other bytes are other sources.

    Parameters
    ----------
    weights : str
        A tag, or the name of a user's checkpoint.
    digest : str, optional
        SHA-256 of the weights' bytes.
    """
    if weights == PACKAGED:
        return "ImageNet-1k"
    if Path(weights).suffix:
        return f"{weights} ({digest[:SHOWN]})" if digest else weights
    stages = [IMAGENET.findall(stage.lower()) for stage in weights.split(THEN)]
    if not all(stages):
        return weights
    return ", then ".join(f"ImageNet-{stage[-1]}" for stage in stages)

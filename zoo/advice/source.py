"""The data that weights were trained on, by their tag."""

from __future__ import annotations

import re

from zoo.registry.packaged import TAG as PACKAGED

IMAGENET = re.compile(r"(?:^|_)(?:in|imagenet)(\d+k)(?=_|$)")
"""How tags name a set of ImageNet: ``a1_in1k``, ``imagenet1k_v1``."""

THEN = "_ft_"
"""What stands in a tag between the data of a first training and of a second."""


def source_of(weights: str) -> str:
    """What a tag says of the data, such as ``ImageNet-1k``.

    Weights that the zoo trained are called by their task, and so are those of any other data, and of checkpoints of
    the user's: their tag stands for it.
    """
    if weights == PACKAGED:
        return "ImageNet-1k"
    stages = [IMAGENET.findall(stage.lower()) for stage in weights.split(THEN)]
    if not all(stages):
        return weights
    return ", then ".join(f"ImageNet-{stage[-1]}" for stage in stages)

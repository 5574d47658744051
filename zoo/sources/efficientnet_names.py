"""Tensors of EfficientNets by the names that other code gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MARK = "_conv_stem.", "_bn0.", "_blocks.", "_conv_head.", "_bn1.", "_fc."
"""What the names of the other layout begin with; blocks are counted through, where timm counts them by stages."""

AROUND = {"conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1", "classifier": "_fc"}
SEPARABLE = {"conv_dw": "_depthwise_conv", "bn1": "_bn1", "conv_pw": "_project_conv", "bn2": "_bn2"}
INVERTED = {
    "conv_pw": "_expand_conv", "bn1": "_bn0", "conv_dw": "_depthwise_conv", "bn2": "_bn1",
    "conv_pwl": "_project_conv", "bn3": "_bn2",
}  # fmt: skip
SQUEEZE = {"se.conv_reduce": "_se_reduce", "se.conv_expand": "_se_expand"}
"""By timm's name of a layer, the other; of a block, by whether it widens its channels first."""


def others_of(names: Iterable[str]) -> dict[str, str]:
    """The names that timm has for an EfficientNet's tensors, by the others.

    Parameters
    ----------
    names : iterable of str
        timm's, in the order of the network. Empty is what is returned where they are no EfficientNet's.
    """
    listed = list(names)
    blocks = list(dict.fromkeys(tuple(name.split(".")[1:3]) for name in listed if name.startswith("blocks.")))
    inverted = {block for block in blocks if f"blocks.{'.'.join(block)}.conv_pwl.weight" in listed}
    found: dict[str, str] = {}
    for name in listed:
        layer, _, leaf = name.rpartition(".")
        if name.startswith("blocks."):
            _, stage, place, part = layer.split(".", 3)
            kinds = (INVERTED if (stage, place) in inverted else SEPARABLE) | SQUEEZE
            other = f"_blocks.{blocks.index((stage, place))}.{kinds[part]}" if part in kinds else ""
        else:
            other = AROUND.get(layer, "")
        if not other:
            return {}
        found[f"{other}.{leaf}"] = name
    return found

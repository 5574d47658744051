"""What a core is taken to compute before a model was measured on it."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.machine.yardstick import Yardstick

EFFECTIVE_MACS_PER_S = 30e9
"""Of one CPU core at fp32; only the first estimate of a run rests on it."""

MATMUL_MACS, CONVOLUTION_MACS = 512**3, 56 * 56 * 64 * 64 * 3 * 3
"""Of the two parts of the yardstick."""

SHARE_OF_YARDSTICK = 0.6
"""Of what a core computes in the yardstick, it computes so much in a network."""


def macs_per_s(yardstick: Yardstick | None) -> float:
    """What one CPU core is taken to compute in a network, at fp32.

    In MACs a second. On one machine with AVX-512 the nine models of `quick` computed 27 to 58 times 1e9 a second, 45
    in the middle, and the geometric mean of the yardstick's parts was 76.
    """
    if yardstick is None:
        return EFFECTIVE_MACS_PER_S
    parts = MATMUL_MACS / yardstick.matmul_ms, CONVOLUTION_MACS / yardstick.convolution_ms
    return SHARE_OF_YARDSTICK * 1e3 * sqrt(parts[0] * parts[1])

"""The image size at which a backbone is tried on small tasks."""

from __future__ import annotations

FLOOR = 32
"""The embedded tasks' own size; under it their shapes are no longer legible."""

STEP = 16


def default_input_size(model: str) -> int:
    """Side in pixels: the tasks' own, or what the architecture needs, in steps of sixteen.

    Of the classics, AlexNet needs 63 pixels and takes 64, Inception v3 needs 75 and takes 80; the rest
    take 32, at which their last feature map is one pixel and still one.
    """
    from zoo.registry.smallest import smallest_input_size

    needed = smallest_input_size(model)
    return max(FLOOR, -(-needed // STEP) * STEP)

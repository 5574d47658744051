"""The image size at which a backbone is tried on small tasks."""

from __future__ import annotations

FLOOR = 32
"""The embedded tasks' own size; under it their shapes are no longer legible."""

STEP = 16

PREFERRED = {"squeezenet": 48, "mobilenetv2": 48}
"""By family, where the rule gives a size at which nothing is learned: SqueezeNet, without batch norm or
shortcuts, did not leave chance at 32 pixels in 240 steps (15% on the letters) and reached 99% at 48;
MobileNetV2, which halves the image five times, reached 29% at 32."""


def default_input_size(model: str) -> int:
    """Side in pixels: the tasks' own, or what the architecture needs, in steps of sixteen.

    Of the classics, AlexNet needs 63 pixels and takes 64, Inception v3 needs 75 and takes 80, SqueezeNet
    and MobileNetV2 take 48; the rest take 32.
    """
    from zoo.registry.catalogue import get
    from zoo.registry.smallest import smallest_input_size

    needed = smallest_input_size(model)
    floor = PREFERRED.get(get(model).family, FLOOR)
    return max(floor, -(-needed // STEP) * STEP)

"""The images that an architecture takes: the smallest, and larger ones."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.models.build import build_architecture, drop_auxiliary
from zoo.paths import cache_dir, write_atomically
from zoo.processes.guard import Failure
from zoo.registry.catalogue import get
from zoo.sources import SHIPPED
from zoo.sources.apart import ask_apart
from zoo.sources.user import registered
from zoo.sources.weightless import on_meta

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from zoo.sources.spec import ModelSpec


KNOWN = {
    "torchvision/alexnet": 63,
    "torchvision/densenet161": 29,
    "torchvision/googlenet": 15,
    "torchvision/inception_v3": 75,
    "torchvision/mobilenet_v2": 1,
    "torchvision/resnet18": 1,
    "torchvision/squeezenet1_0": 21,
    "torchvision/vgg16": 32,
}
"""The classics, found by :func:`search` (a test holds them to it)."""


FLOOR = 32
"""The embedded tasks' own size; under it their shapes are no longer legible."""

STEP = 16

PREFERRED = {"deit": 48, "efficientnet": 96, "mobilenetv2": 48, "squeezenet": 48, "vision_transformer": 48}
"""By family, where the rule gives a size at which nothing is learned, or only slowly.

See docs/measuring.md#input-sizes.
"""


def smallest_input_size(name: str) -> int:
    """Smallest side, in pixels, at which a model can be evaluated.

    And so trained on a batch of two. Found by trying shapes on the meta device, and remembered.

    Raises
    ------
    UnknownNameError
    """
    spec = get(name)
    full = spec.model
    if full in KNOWN:
        return KNOWN[full]
    if spec.source not in SHIPPED:  # its author may change it from one run to the next
        return _search_once(full)
    remembered = _remembered()
    if full not in remembered:
        remembered[full] = search(full)
        _remember(remembered)
    return remembered[full]


def is_size_known(name: str, side: int | None = None) -> bool:
    """Whether a size is told without building a library's model.

    The embedded tasks', or whether ``side`` is taken.
    """
    spec = get(name)
    if spec.source not in SHIPPED or spec.model in KNOWN:
        return True
    known = _remembered()
    if side is None:
        smallest = known.get(spec.model)
        if known.get(f"{spec.model} {_preferred(spec)}"):
            return True
        return smallest is not None and f"{spec.model} {_legible(spec, smallest)}" in known
    return side == spec.input_size[1] or f"{spec.model} {side}" in known


@cache
def _search_once(full: str) -> int:
    """The smallest side of a model that is not a library's; of one that cannot be asked, any."""
    if full not in registered():
        return search(full)
    found = ask_apart(full, "zoo.models.input_size:search", full)
    return 1 if isinstance(found, Failure) else int(found)


def check_input_size(name: str, side: int) -> None:
    """Refuse images that are too small.

    Raises
    ------
    ZooError
        Names the smallest side that works, or the only one.
    """
    spec = get(name)
    native = spec.input_size[1]
    if spec.source not in SHIPPED or side == native or takes(name, side):
        return  # what a user's model raises is the reason of its own row
    smallest = smallest_input_size(name)
    if side > smallest or smallest == native:
        raise ZooError(
            f"{name} takes images of {native} × {native} pixels, and cannot be built for {side} × {side}; use native"
        )
    raise ZooError(f"{name} needs images of at least {smallest} × {smallest} pixels; got {side} × {side}")


def takes(name: str, side: int) -> bool:
    """Whether a model takes images of a side.

    A library's is built for them on the meta device, which is remembered. A user's is not built for a size.
    """
    spec = get(name)
    if spec.source not in SHIPPED:
        return side >= smallest_input_size(name)
    if spec.model in KNOWN:
        return side >= KNOWN[spec.model]
    key = f"{spec.model} {side}"
    remembered = _remembered()
    if key not in remembered:
        remembered[key] = int(_is_taken(spec, side))
        _remember(remembered)
    return bool(remembered[key])


def _is_taken(spec: ModelSpec, side: int) -> bool:
    try:
        with on_meta():
            sized = replace(spec, input_size=(spec.input_size[0], side, side))
            model = drop_auxiliary(build_architecture(sized)).eval().requires_grad_(False)
    except Exception:  # noqa: BLE001 - every library refuses a size in its own way
        return False
    return _works(model, spec.input_size[0], side)


def search(full: str) -> int:
    """Smallest side that works, by bisection below the native one.

    Models of a fixed size give that.

    A user's model that cannot be built refuses no size: what it raises is the reason of its failed trials.
    """
    spec = get(full)
    native = spec.input_size[1]
    try:
        with on_meta():
            model = drop_auxiliary(build_architecture(spec)).eval().requires_grad_(False)
    except Exception:
        if spec.source in SHIPPED:
            raise
        return 1
    low, high = 0, native
    while high - low > 1:
        middle = (low + high) // 2
        if _works(model, spec.input_size[0], middle):
            high = middle
        else:
            low = middle
    return high


def _works(model: nn.Module, channels: int, side: int) -> bool:
    import torch

    try:
        with torch.no_grad():
            output = model(torch.zeros(1, channels, side, side, device="meta"))
    except Exception:  # noqa: BLE001 - every library refuses small images in its own way
        return False
    return bool(output.numel() > 0)


def _path() -> Path:
    return cache_dir() / "input_sizes.json"


def _remember(sizes: dict[str, int]) -> None:
    with suppress(OSError):  # found again by the next process
        cache_dir().mkdir(parents=True, exist_ok=True)
        write_atomically(_path(), json.dumps(sizes, sort_keys=True).encode())


def _remembered() -> dict[str, int]:
    try:
        data = json.loads(_path().read_text())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def default_input_size(model: str) -> int:
    """Side in pixels of the images of an embedded task.

    The tasks' own, or what the architecture needs, in steps of sixteen. Of the classics, AlexNet needs 63 pixels and
    takes 64, Inception v3 needs 75 and takes 80, SqueezeNet and MobileNetV2 take 48; the rest take 32. EfficientNets
    take 96, at which weights of 224 pixels are still worth something. A vision transformer is built for three patches
    a side.
    """
    spec = get(model)
    if spec.source not in SHIPPED:
        needed = smallest_input_size(model)
        return needed if needed == spec.input_size[1] else _legible(spec, needed)
    if (preferred := _preferred(spec)) is not None and takes(model, preferred):
        return preferred
    side = _legible(spec, smallest_input_size(model))
    return side if takes(model, side) else spec.input_size[1]


def _legible(spec: ModelSpec, smallest: int) -> int:
    """At least the smallest side, in steps, and one at which shapes are legible to the family."""
    return max(_preferred(spec) or FLOOR, -(-smallest // STEP) * STEP)


def _preferred(spec: ModelSpec) -> int | None:
    side = PREFERRED.get(spec.family)
    return 2 * side if side and re.search(r"(patch|vit_[bl]_)32", spec.model) else side

"""What a process sets before it computes on a GPU."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.machine.devices import cuda_index

if TYPE_CHECKING:
    from collections.abc import Iterator


TF32_CAPABILITY = (8, 0)
"""Compute capability of the first GPUs that have TF32."""


def use(device: str) -> None:
    """Make a GPU the one that code of this process means if it names none."""
    import torch

    torch.cuda.set_device(cuda_index(device))


def started() -> bool:
    """Whether this process is on a GPU itself, as a notebook may be."""
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.cuda.is_initialized())


def set_float32(precision: str) -> None:
    """Compute products of float32 as TF32 for ``"tf32"``, else in full.

    PyTorch leaves matrix products in full and makes convolutions TF32 unless it is told. It is told twice, by
    its older switches and by those that replace them: either alone leaves a state that its own getters refuse
    as a mixture, and the older ones alone yield to a wider setting of the newer.

    Raises
    ------
    ZooError
        Where the current GPU has no TF32.
    """
    import torch

    tf32 = precision == "tf32"
    if tf32 and torch.cuda.get_device_capability() < TF32_CAPABILITY:
        raise ZooError("this GPU has no TF32 (compute capability 8.0 and later have it); measure fp32")
    torch.set_float32_matmul_precision("high" if tf32 else "highest")
    torch.backends.cudnn.allow_tf32 = tf32
    _set_products(["tf32" if tf32 else "ieee"] * 3)


@contextmanager
def on_device(device: str) -> Iterator[None]:
    """Compute on ``device`` in full float32 inside.

    Afterwards the caller's GPU and settings are back. Training and testing use it: what a network reaches is then
    the same on a GPU and on a CPU, up to rounding.
    """
    import torch

    if device == "cpu":
        yield
        return
    before = torch.cuda.current_device(), _legacy(), _products()
    use(device)
    set_float32("fp32")
    try:
        yield
    finally:
        index, legacy, products = before
        if legacy is not None:
            torch.set_float32_matmul_precision(legacy[0])
            torch.backends.cudnn.allow_tf32 = legacy[1]
        _set_products(products)
        torch.cuda.set_device(index)


def _legacy() -> tuple[str, bool] | None:
    """The older switches, None where the newer ones contradict them."""
    import torch

    try:
        return torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    except RuntimeError:
        return None


def _products() -> list[str]:
    return [part.fp32_precision for part in _parts()]


def _set_products(values: list[str]) -> None:
    for part, value in zip(_parts(), values, strict=True):
        part.fp32_precision = value


def _parts() -> tuple[Any, Any, Any]:
    """What of a GPU's libraries has a precision of its own."""
    import torch

    cudnn: Any = torch.backends.cudnn
    return torch.backends.cuda.matmul, cudnn.conv, cudnn.rnn

"""Size on disk of the weights as they are measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.cost.metrics.base import Metric
from zoo.outcome import ReasonError
from zoo.statistics.quantity import Quantity

if TYPE_CHECKING:
    from zoo.cost.settings import CostSettings


def size(model: Any, _images: Any, settings: CostSettings) -> float:
    """Bytes of parameters and buffers in form and precision of the settings.

    What is shared counts once. A file of them has some kilobytes more, for names and shapes.
    """
    import torch

    if not isinstance(model, torch.nn.Module):
        raise ReasonError(f"engine {settings.engine!r} makes no module, whose size could be told")
    tensors = {tensor.untyped_storage().data_ptr(): tensor for tensor in model.state_dict().values()}
    return float(sum(tensor.numel() * tensor.element_size() for tensor in tensors.values()))


DISK_SIZE = Metric(
    "disk_size",
    Quantity(
        "disk_bytes", "size on disk", "bytes", "lower", "MB", 1e-6, words=("SMALLER", "LARGER"),
        hint="Bytes, such as 20e6 or 20M.", example="20M",
    ),
    take=size,
    anchored=False,
    rounds=1,
)  # fmt: skip

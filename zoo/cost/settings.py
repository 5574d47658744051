"""The settings a cost is measured at; every one of them is part of the row."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from zoo.errors import UnknownNameError, ZooError
from zoo.machine.devices import check_device

METRICS = ("latency", "throughput")
PRECISIONS = ("fp32", "tf32", "bf16", "fp16")
MEMORY_FORMATS = ("contiguous", "channels_last")


@dataclass(frozen=True, slots=True)
class CostSettings:
    """How a model is run while it is timed.

    Attributes
    ----------
    metric : str
        ``"latency"`` (reported in milliseconds a call) or ``"throughput"`` (images a second).
    device : str
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    batch : int
        Images a call.
    threads : int
        CPU threads of the process that runs the model.
    precision : str
        ``"fp32"``; ``"tf32"``, float32 that a GPU multiplies with a shorter mantissa; ``"bf16"`` and ``"fp16"``,
        for which parameters and input are cast.
    memory_format : str
        ``"contiguous"`` or ``"channels_last"``.
    input_size : tuple of int
        Channels, height, width.
    """

    metric: str
    device: str
    batch: int
    threads: int
    precision: str
    memory_format: str
    input_size: tuple[int, int, int]

    def __post_init__(self) -> None:
        known = (
            ("metric", self.metric, METRICS),
            ("precision", self.precision, PRECISIONS),
            ("memory format", self.memory_format, MEMORY_FORMATS),
        )
        for kind, value, values in known:
            if value not in values:
                raise UnknownNameError(kind, value, values, f"permitted: {', '.join(values)}")
        check_device(self.device)
        if self.precision == "tf32" and self.device == "cpu":
            raise ZooError("precision 'tf32' is a GPU's, not the CPU's: give device cuda, or leave tf32 out")
        for name, number in (
            ("batch", self.batch),
            ("threads", self.threads),
            ("size", min(self.input_size)),
        ):
            if number < 1:
                raise ZooError(f"{name} must be at least 1, not {number}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; part of a trial's key."""
        return asdict(self) | {"input_size": list(self.input_size)}

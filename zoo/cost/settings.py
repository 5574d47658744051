"""The settings that a cost is measured at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from zoo.canonical import JsonObject, from_json, later, to_json
from zoo.machine.prior import EFFECTIVE_MACS_PER_S
from zoo.sources.forms import DEPLOYED, TRAINED

INT8 = "int8"
FLOATING = ("fp32", "tf32", "bf16", "fp16")
PRECISIONS = (*FLOATING, INT8)
MEMORY_FORMATS = ("contiguous", "channels_last")
ALLOCATORS = KEPT, UNTOLD = ("kept", "default")
"""A process that keeps what it frees, and one that was told nothing."""

LONGEST_S = 240.0
"""Of what is slower a cohort's budget, with its overtime, or a worker's patience ends sooner or later."""


@dataclass(frozen=True, slots=True)
class CostSettings:
    """How a model is run while it is measured.

    Attributes
    ----------
    metric : str
        What is measured; see :data:`zoo.cost.metrics.METRICS`.
    device : str
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    batch : int
        Images a call.
    threads : int
        CPU threads of the process that runs the model.
    precision : str
        ``"fp32"``; ``"tf32"``, float32 that a GPU multiplies with a shorter mantissa; ``"bf16"`` and ``"fp16"``,
        for which parameters and input are cast; ``"int8"``, weights and activations of an engine that quantizes.
    memory_format : str
        ``"contiguous"`` or ``"channels_last"``.
    input_size : tuple of int
        Channels, height, width.
    engine : str
        What runs the model; see :data:`zoo.cost.engines.ENGINES`.
    form : str
        ``"deployed"``: branches and batch norms put into convolutions; ``"trained"``: as the library builds it.
    allocator : str
        ``"kept"``: the process keeps what it frees; ``"default"``: it does as any program of the C library's does.
    replica : int
        1 for the second half of an A/A pair.
    code : str
        Digest of the code of a user's model.
    timed_by : str
        Another program that measured it; empty for the zoo.
    other : str
        What a record of another version says beside these, as canonical JSON.
    """

    KIND: ClassVar[str] = "cost"
    PROTOCOL: ClassVar[int] = 2
    """1: as the ``round`` of a record's settings says; 2: on a CPU each round a process, freed memory kept, tensors
    moved; on a GPU fp32 in full, freed memory given back after each."""

    metric: str
    device: str
    batch: int
    threads: int
    precision: str
    memory_format: str
    input_size: tuple[int, int, int]
    engine: str = later("eager")
    form: str = later(TRAINED)
    allocator: str = later(KEPT)
    replica: int = later(0)
    code: str = later("")
    timed_by: str = later("")
    other: str = ""

    @property
    def side(self) -> int:
        """Height of the images in pixels."""
        return self.input_size[1]

    @property
    def built_for(self) -> tuple[str, ...]:
        """What a process builds its model for.

        Cases that share it share a process.
        """
        return self.device, self.precision, self.memory_format, self.engine, self.form, self.allocator

    @property
    def is_reference(self) -> bool:
        """Whether it is the model as built, eager in fp32.

        Outputs of others are held against its.
        """
        return (self.engine, self.precision, self.form) == ("eager", "fp32", TRAINED)

    @property
    def threads_text(self) -> str:
        """``, 2 threads`` on the CPU, nothing on a GPU: the part of a description."""
        return threads_text(self.device, self.threads)

    @property
    def unusual(self) -> list[str]:
        """Precision, format, engine and form where they are not the usual ones."""
        usual = {"precision": "fp32", "memory_format": "contiguous", "engine": "eager"}
        found = [value for name, plain in usual.items() if (value := str(getattr(self, name))) != plain]
        return found + form_text(self.form) + allocator_text(self.allocator)

    def describe(self) -> str:
        """The settings in a few words, without the model."""
        parts = [f"{self.metric}, {self.device}, batch {self.batch}{self.threads_text}", *self.unusual]
        return ", ".join([*parts, "A/A twin"] if self.replica else parts)

    def expected_seconds(self, macs: float) -> float:
        """Seconds that measuring takes, as far as MACs of an image tell."""
        call_s = macs * self.batch / EFFECTIVE_MACS_PER_S
        # Warm-up, then eight rounds of which each lasts half a second or two calls, whichever is more.
        return 3.0 + min(max(4.0, 30 * call_s), LONGEST_S)

    def first_half(self) -> CostSettings:
        """The settings of the first half of an A/A pair."""
        return replace(self, replica=0)

    def to_dict(self) -> JsonObject:
        """JSON values, which are part of a trial's key."""
        return to_json(self)

    @classmethod
    def from_dict(cls, data: JsonObject) -> CostSettings:
        """Undo :meth:`to_dict`."""
        return from_json(cls, data)


def form_text(form: str) -> list[str]:
    """``trained form``, or nothing of the deployed one, for a description."""
    return [] if form == DEPLOYED else [f"{form} form"]


def allocator_text(allocator: str) -> list[str]:
    """``default allocator``, or nothing of the usual one, for a description."""
    return [] if allocator == KEPT else [f"{allocator} allocator"]


def threads_text(device: str, threads: int) -> str:
    """``, 2 threads`` on the CPU, nothing on a GPU."""
    return f", {threads} thread{'s' * (threads != 1)}" if device == "cpu" else ""

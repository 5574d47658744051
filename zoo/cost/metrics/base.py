"""A metric: its number, how a round is taken, what rounds amount to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from zoo.statistics.intervals import summarise_rounds
from zoo.statistics.quantity import Quantity

if TYPE_CHECKING:
    from zoo.cost.engines.builder import Builder
    from zoo.cost.settings import CostSettings
    from zoo.statistics.measurement import Measurement
    from zoo.statistics.quantity import Better

Taken = float | Mapping[str, float]
"""Of a round: the number, or several by their quantities' keys, the metric's own among them."""

Take = Callable[[Any, Any, "CostSettings"], Taken]
TakeAfresh = Callable[["Builder", "CostSettings"], Taken]
MakeCall = Callable[[Any, Any, "CostSettings"], Callable[[], Any]]


DIFFERENCE = Quantity("output_difference", "largest relative difference of an output", "relative", "lower")
"""From the outputs of the model as it is built, run eagerly in fp32, over the largest of them."""

AGREEMENT = Quantity("agreement", "same top-1", "fraction", "higher", "%", 100.0, decimals=1, most=1.0, brief=3)
"""Share of images whose first class is that of the model as it is built, run eagerly in fp32."""

BLIND = "outputs do not tell images apart"
"""Flag where a model that ignored the image would have the outputs that are held against others."""

UNSTABLE = "outputs amplify rounding"
"""Flag where outputs differ as much between two images that differ in their last bits."""


@dataclass(frozen=True, slots=True)
class RoundValues:
    """What was measured of one model at one setting.

    Attributes
    ----------
    settings : CostSettings
    values : sequence of float
        One a round, in the unit of the metric's samples: median milliseconds of the calls where they are timed.
    calls_ms : sequence of float
        Every timed call.
    device_ms : sequence of float
        Median time of the device, one a round, where it has a clock of its own.
    first_call_ms : float or None
        Of the first call in its process; None where that was at an earlier setting.
    warmup_s : float
    others : mapping of str to sequence of float
        Further numbers of each round, by their quantities' keys.
    """

    settings: CostSettings
    values: Sequence[float]
    calls_ms: Sequence[float] = ()
    device_ms: Sequence[float] = ()
    first_call_ms: float | None = None
    warmup_s: float = 0.0
    others: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """One kind of number that can be measured of a model that runs.

    Attributes
    ----------
    name : str
        In suites, options and records: ``"latency"``.
    quantity : Quantity
        The number that answers it; an outcome holds it under the quantity's key.
    others : tuple of Quantity
        Further numbers that an outcome may hold.
    limited : tuple of Quantity
        Those of them that a choice of a backbone can be limited in.
    at_batches : bool
        Whether it is measured at each batch of a plan, or at one image.
    threads : {"threads", "throughput_threads"}
        Which of a plan's numbers of CPU threads it is measured at.
    take : callable or None
        One round: from the model, its input (batch, channels, height, width) and the settings to a finite number
        in the quantity's unit, or to several, by key. It runs in the worker, in inference mode, after the model was
        called once.
    take_afresh : callable or None
        The same where a round begins before there is a model: from what builds it and the settings. It runs in a
        process that has imported the libraries and done nothing else, where there can be one.
    make_call : callable or None
        What is timed where neither is given, from the model, its input and the settings; None times the model's call.
        What it returns may have ``parts``, seconds of its last call by the keys of other quantities.
    trains : bool
        Whether it needs gradients: it is measured in the trained form alone, by engines that train.
    anchored : bool
        Whether the machine's speed moves it, so that a common yardstick and an A/A pair are measured beside.
    rounds : int or None
        Enough of them, however far they differ; None leaves that to their interval.
    curved : bool
        Whether it is a rate in images a second, which rises with the batch until it is flat: a curve may be asked of
        it.
    """

    name: str
    quantity: Quantity
    others: tuple[Quantity, ...] = ()
    limited: tuple[Quantity, ...] = ()
    at_batches: bool = False
    threads: Literal["threads", "throughput_threads"] = "threads"
    take: Take | None = None
    take_afresh: TakeAfresh | None = None
    make_call: MakeCall | None = None
    trains: bool = False
    anchored: bool = True
    rounds: int | None = None
    curved: bool = False

    @property
    def timed(self) -> bool:
        """Whether a round is a number of timed calls."""
        return self.take is None and self.take_afresh is None

    @property
    def every(self) -> tuple[Quantity, ...]:
        """All numbers that an outcome may hold."""
        return self.quantity, *self.others, DIFFERENCE, AGREEMENT

    @property
    def unit(self) -> str:
        """Of a round's value."""
        return "ms" if self.timed else self.quantity.unit

    @property
    def samples(self) -> str:
        """Under which an outcome keeps the value of each round."""
        return "round_medians_ms" if self.timed else f"rounds_{self.unit}"

    @property
    def better(self) -> Better:
        """Which way a round's value is better.

        Not always the quantity's: a rate is higher where its times are lower.
        """
        return "lower" if self.timed else self.quantity.better

    def measurements(self, rounds: RoundValues) -> dict[str, Measurement]:
        """The numbers that rounds amount to, by key, ``quantity`` among them."""
        return {self.quantity.key: summarise_rounds(rounds.values, self.quantity.unit)} | self.further(rounds)

    def further(self, rounds: RoundValues) -> dict[str, Measurement]:
        """What else each round told, by key."""
        units = {quantity.key: quantity.unit for quantity in self.others}
        return {key: summarise_rounds(values, units[key]) for key, values in rounds.others.items() if key in units}

"""Latency and throughput: timed calls, told as a time and as a rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.cost.metrics.base import Metric
from zoo.statistics.intervals import percentile, summarise_rounds
from zoo.statistics.measurement import Measurement
from zoo.statistics.quantity import Quantity

if TYPE_CHECKING:
    from zoo.cost.metrics.base import RoundValues


WORDS = ("FASTER", "SLOWER")

P90 = Quantity("p90_ms", "p90", "ms", "lower", words=WORDS)
P99 = Quantity("p99_ms", "p99", "ms", "lower", words=WORDS, hint="Of all calls, milliseconds, batch 1.", example="20")
DEVICE = Quantity("device_ms", "device time", "ms", "lower", words=WORDS)
FIRST_CALL = Quantity("first_call_ms", "first call", "ms", "lower", words=WORDS)
WARM_UP = Quantity("warmup_s", "warm-up", "s", "lower", words=WORDS)

TAIL = ((90, P90), (99, P99))


@dataclass(frozen=True)
class TimedMetric(Metric):
    """A metric whose rounds are timed calls.

    Attributes
    ----------
    rate : bool
        Whether it is told as images a second.
    """

    rate: bool = False

    def measurements(self, rounds: RoundValues) -> dict[str, Measurement]:
        """The median over rounds, and what else the calls tell.

        Percentiles of all calls, time of the device, and what the calls before the rounds took.
        """
        batch = rounds.settings.batch
        values = [batch / (ms / 1000) for ms in rounds.values] if self.rate else rounds.values
        found = {self.quantity.key: summarise_rounds(values, self.quantity.unit)}
        for q, quantity in TAIL:
            value = percentile(rounds.calls_ms, q) if rounds.calls_ms else None
            if value is not None:
                found[quantity.key] = Measurement(value, quantity.unit, n=len(rounds.calls_ms))
        if rounds.device_ms:
            found[DEVICE.key] = summarise_rounds(rounds.device_ms, DEVICE.unit)
        if rounds.first_call_ms is not None:
            found[FIRST_CALL.key] = Measurement(rounds.first_call_ms, FIRST_CALL.unit)
        found[WARM_UP.key] = Measurement(rounds.warmup_s, WARM_UP.unit)
        return found | self.further(rounds)


OTHERS = (P90, P99, DEVICE, FIRST_CALL, WARM_UP)

LATENCY = TimedMetric(
    "latency",
    Quantity("latency_ms", "latency", "ms", "lower", words=WORDS, hint="Milliseconds, batch 1.", example="20"),
    OTHERS,
    limited=(P99,),
)
THROUGHPUT = TimedMetric(
    "throughput",
    Quantity(
        "throughput", "throughput", "images/s", "higher", words=WORDS, brief=0, hint="Images a second.", example="100"
    ),
    OTHERS,
    at_batches=True,
    threads="throughput_threads",
    curved=True,
    rate=True,
)

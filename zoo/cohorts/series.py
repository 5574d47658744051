"""The rounds of one case so far, and the outcome that they amount to."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from zoo.cost.engines.exported import calibration_text
from zoo.cost.metrics import METRICS
from zoo.cost.metrics.base import AGREEMENT, BLIND, DIFFERENCE, UNSTABLE, RoundValues
from zoo.cost.settings import INT8
from zoo.cost.worker.requests import Several
from zoo.machine.contention import Contention, read_contention
from zoo.models.pictures import images_text
from zoo.outcome import Outcome, ReasonError, Status, reason_of, status_of
from zoo.statistics.comparison import lag1_autocorrelation
from zoo.statistics.intervals import median, wilson_interval
from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.cost.case import Case
    from zoo.cost.metrics.base import Metric
    from zoo.cost.protocol import Protocol
    from zoo.cost.worker.requests import Compared, Times


OF_ALL_ROUNDS = ("cpu pressure", "steal", "autocorrelation", "launch overhead")
"""How flags begin that are found from all rounds together."""


@dataclass
class Series:
    """Rounds of one case, with what the machine did meanwhile.

    Attributes
    ----------
    first_call_ms : float or None
        Of the first call in its process; None where that was at an earlier setting.
    values : list of float
        One a round, in the unit of the metric's samples: median milliseconds where calls are timed.
    calls : list of list of float
        Milliseconds of wall time of each timed call, by round.
    device_ms : list of float
        Median milliseconds of device time, one a round, where the device has a clock of its own.
    round_index : list of int
        The cohort's round in which each was taken, for pairing with another case's.
    others : dict of str to list of float
        Further numbers of each round, by the keys of their quantities.
    macs : float or None
        Of one image at the case's size; None where they cannot be counted.
    compared : Compared or None
        How far outputs are from those of the model as built, eager in fp32.
    """

    case: Case
    started: float = field(default_factory=time.time)
    clock: float = field(default_factory=time.monotonic)
    first_call_ms: float | None = None
    warmup_s: float = 0.0
    values: list[float] = field(default_factory=list)
    calls: list[list[float]] = field(default_factory=list)
    device_ms: list[float] = field(default_factory=list)
    round_index: list[int] = field(default_factory=list)
    macs: float | None = None
    compared: Compared | None = None
    flags: set[str] = field(default_factory=set)
    others: dict[str, list[float]] = field(default_factory=dict)
    busy_s: float = 0.0
    waiting_s: float = 0.0
    stolen: int = 0
    ticks: int = 0

    @property
    def metric(self) -> Metric:
        """What the rounds are of."""
        return METRICS.get(self.case.settings.metric)

    def take_up(self, earlier: Outcome) -> None:
        """Go on from the rounds of an earlier outcome, whose flags stay."""
        notes: Any = earlier.notes
        self.values = list(earlier.samples[self.metric.samples])
        self.round_index = list(notes["round_index"])
        self.device_ms = list(earlier.samples.get("device_medians_ms", ()))
        calls = iter(earlier.samples.get("iterations_ms", ()))
        self.calls = [list(islice(calls, count)) for count in notes.get("iterations_per_round", ())]
        self.flags = {flag for flag in earlier.flags if not flag.startswith(OF_ALL_ROUNDS)}
        self.busy_s, self.ticks = notes["busy_s"], notes["ticks"]
        self.waiting_s = (notes["pressure"] or 0.0) * self.busy_s
        self.stolen = round((notes["steal"] or 0.0) * self.ticks)

    def add(self, index: int, taken: Times | float | Several) -> None:
        """Take a round: seconds of wall and device time by call, or a value."""
        self.round_index.append(index)
        if isinstance(taken, Several):
            for key, value in taken.others.items():
                self.others.setdefault(key, []).append(value)
            taken = taken.answer
        if isinstance(taken, float):
            self.values.append(taken)
            return
        self.calls.append([wall * 1000 for wall, _ in taken])
        self.values.append(median(self.calls[-1]))
        device = [seconds * 1000 for _, seconds in taken if seconds is not None]
        if device:
            self.device_ms.append(median(device))

    def add_contention(self, before: Contention, seconds: float) -> None:
        """Take what else the machine did during a round.

        It began at ``before`` and took ``seconds``.
        """
        added = read_contention().since(before)
        self.busy_s += seconds
        self.waiting_s += added.waiting_s or 0.0
        if added.stolen_ticks is not None and added.total_ticks is not None:
            self.ticks += added.total_ticks
            self.stolen += added.stolen_ticks

    @property
    def pressure(self) -> float | None:
        """Share of the rounds' time in which something waited for a core."""
        return self.waiting_s / self.busy_s if self.busy_s else None

    @property
    def steal(self) -> float | None:
        """Share of the rounds' time that the hypervisor gave to others."""
        return self.stolen / self.ticks if self.ticks else None

    @property
    def calls_ms(self) -> list[float]:
        """Every timed call, round after round."""
        return [time for times in self.calls for time in times]

    def outcome(self, status: Status, reason: str, protocol: Protocol, notes: dict[str, Any]) -> Outcome:
        """Everything that was measured, also what came before a failure."""
        metrics: dict[str, Measurement] = {}
        if self.values and status in (Status.OK, Status.UNCONVERGED):
            try:
                metrics = self._measurements()
            except (Exception, SystemExit) as error:  # noqa: BLE001 - the metric is anybody's code; its error is its row
                status, reason = status_of(error), reason_of(error)
        headline = metrics.get(self.metric.quantity.key)
        return Outcome(
            status=status,
            reason=reason,
            metrics=metrics,
            samples=self._samples(),
            flags=self._flags(protocol),
            started=self.started,
            duration_s=time.monotonic() - self.clock,
            notes=notes
            | {"rounds": len(self.values), "round_index": self.round_index}
            | ({"iterations_per_round": [len(times) for times in self.calls]} if self.metric.timed else {})
            | {
                "half_width": None if headline is None else headline.relative_half_width,
                "busy_s": self.busy_s,
                "ticks": self.ticks,
                "pressure": self.pressure,
                "steal": self.steal,
                "macs": self.macs,
            }
            | self._images(metrics),
        )

    def _measurements(self) -> dict[str, Measurement]:
        rounds = RoundValues(
            self.case.settings,
            self.values,
            self.calls_ms,
            self.device_ms,
            self.first_call_ms,
            self.warmup_s,
            self.others,
        )
        metric = self.metric
        found = dict(metric.measurements(rounds))
        if self.compared is not None:
            found |= _gaps(self.compared)
        if metric.quantity.key not in found:
            raise ReasonError(f"metric {metric.name!r} gave no {metric.quantity.key}")
        for key, measurement in found.items():
            if not math.isfinite(measurement.value):
                raise ReasonError(f"metric {metric.name!r} gave {measurement.value} as {key}")
        return found

    def _images(self, metrics: Mapping[str, Measurement]) -> dict[str, str]:
        """Notes of the images that ranges were found and classes compared on."""
        weights = self.case.weights
        found = {"calibrated_on": calibration_text(weights)} if self.case.settings.precision == INT8 else {}
        return found | ({"compared_on": images_text(weights)} if AGREEMENT.key in metrics else {})

    def _samples(self) -> dict[str, list[float]]:
        samples = {"iterations_ms": self.calls_ms} if self.metric.timed else {}
        samples[self.metric.samples] = self.values
        return samples | ({"device_medians_ms": self.device_ms} if self.device_ms else {})

    def _flags(self, protocol: Protocol) -> tuple[str, ...]:
        flags = set(self.flags)
        if self.compared is not None:
            flags |= {flag for flag, up in ((BLIND, self.compared.blind), (UNSTABLE, self.compared.unstable)) if up}
        if self.metric.unit == "bytes":  # which no neighbour moves
            return tuple(sorted(flags))
        if self.pressure is not None and self.pressure > protocol.pressure:
            flags.add(f"cpu pressure {self.pressure:.0%}")
        if self.steal is not None and self.steal > protocol.steal:
            flags.add(f"steal {self.steal:.1%}")
        correlation = lag1_autocorrelation(self.values) if len(self.values) >= protocol.min_rounds else None
        if correlation is not None and correlation > protocol.autocorrelation:
            flags.add(f"autocorrelation {correlation:.2f}")
        if self.device_ms:
            ratio = median(self.values) / median(self.device_ms)
            if ratio > protocol.launch_ratio:
                flags.add(f"launch overhead ×{ratio:.1f}")
        return tuple(sorted(flags))


def _gaps(compared: Compared) -> dict[str, Measurement]:
    """How far outputs are, by key: their difference, and the share of equal classes."""
    found = {DIFFERENCE.key: Measurement(compared.difference, DIFFERENCE.unit)}
    if compared.images:
        ends = wilson_interval(compared.alike, compared.images)
        share = compared.alike / compared.images
        found[AGREEMENT.key] = Measurement(share, AGREEMENT.unit, *ends, compared.images)
    return found


def drift_of(values: list[float]) -> float:
    """Relative change from the first third of the rounds to the last.

    0 where there are too few of them.
    """
    third = len(values) // 3
    first = median(values[:third]) if third >= 2 else 0.0
    return median(values[-third:]) / first - 1 if first else 0.0

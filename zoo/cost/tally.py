"""What has been measured of one subject so far, and the outcome it amounts to."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zoo.machine.contention import Contention, read_contention
from zoo.outcome import Outcome, Status
from zoo.statistics.comparison import lag1_autocorrelation
from zoo.statistics.intervals import median, percentile, summarise_rounds
from zoo.statistics.measurement import Measurement

if TYPE_CHECKING:
    from zoo.cost.protocol import Protocol
    from zoo.cost.subject import Subject


@dataclass
class Tally:
    """Rounds of one subject, with what the machine did meanwhile.

    Attributes
    ----------
    first_call_ms : float or None
        Of the first call in its process; None where that was at an earlier setting.
    rounds : list of list of float
        Milliseconds of wall time, by round.
    device_rounds : list of list of float
        Milliseconds of device time, where the device has a clock of its own.
    round_index : list of int
        The cohort's round in which each was taken, for pairing with another subject's.
    """

    subject: Subject
    started: float = field(default_factory=time.time)
    clock: float = field(default_factory=time.monotonic)
    first_call_ms: float | None = None
    warmup_s: float = 0.0
    rounds: list[list[float]] = field(default_factory=list)
    device_rounds: list[list[float]] = field(default_factory=list)
    round_index: list[int] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    busy_s: float = 0.0
    waiting_s: float = 0.0
    stolen: int = 0
    ticks: int = 0

    @property
    def round_medians(self) -> list[float]:
        """Milliseconds, one a round."""
        return [median(times) for times in self.rounds]

    def add(self, index: int, times: list[tuple[float, float | None]]) -> None:
        """Take a round's calls: seconds of wall and of device time."""
        self.round_index.append(index)
        self.rounds.append([wall * 1000 for wall, _ in times])
        device = [seconds * 1000 for _, seconds in times if seconds is not None]
        if device:
            self.device_rounds.append(device)

    def add_contention(self, before: Contention, seconds: float) -> None:
        """Take what the machine did during a round that began at ``before`` and took ``seconds``."""
        after = read_contention()
        self.busy_s += seconds
        if before.waiting_s is not None and after.waiting_s is not None:
            self.waiting_s += after.waiting_s - before.waiting_s
        if None not in (before.total_ticks, after.total_ticks, before.stolen_ticks, after.stolen_ticks):
            self.ticks += after.total_ticks - before.total_ticks  # type: ignore[operator]
            self.stolen += after.stolen_ticks - before.stolen_ticks  # type: ignore[operator]

    def outcome(self, status: Status, reason: str, protocol: Protocol, notes: dict[str, Any]) -> Outcome:
        """Everything measured, under a status; also what was reached before a failure."""
        metrics = self._metrics() if self.rounds and status in (Status.OK, Status.UNCONVERGED) else {}
        width = metrics[next(iter(metrics))].relative_half_width if metrics else None
        return Outcome(
            status=status,
            reason=reason,
            metrics=metrics,
            samples={
                "iterations_ms": [time for times in self.rounds for time in times],
                "round_medians_ms": self.round_medians,
            }
            | ({"device_medians_ms": [median(t) for t in self.device_rounds]} if self.device_rounds else {}),
            flags=self._flags(protocol),
            started=self.started,
            duration_s=time.monotonic() - self.clock,
            notes=notes
            | {
                "rounds": len(self.rounds),
                "round_index": self.round_index,
                "iterations_per_round": [len(times) for times in self.rounds],
                "half_width": width,
                "pressure": self.waiting_s / self.busy_s if self.busy_s else None,
                "steal": self.stolen / self.ticks if self.ticks else None,
            },
        )

    def _metrics(self) -> dict[str, Measurement]:
        settings = self.subject.settings
        medians = self.round_medians
        if settings.metric == "latency":
            metrics = {"latency_ms": summarise_rounds(medians, "ms")}
        else:
            rates = [settings.batch / (ms / 1000) for ms in medians]
            metrics = {"throughput": summarise_rounds(rates, "images/s")}
        pooled = [time for times in self.rounds for time in times]
        for q in (90, 99):
            value = percentile(pooled, q)
            if value is not None:
                metrics[f"p{q}_ms"] = Measurement(value, "ms", n=len(pooled))
        if self.device_rounds:
            metrics["device_ms"] = summarise_rounds([median(t) for t in self.device_rounds], "ms")
        if self.first_call_ms is not None:
            metrics["first_call_ms"] = Measurement(self.first_call_ms, "ms")
        metrics["warmup_s"] = Measurement(self.warmup_s, "s")
        return metrics

    def _flags(self, protocol: Protocol) -> tuple[str, ...]:
        flags = set(self.flags)
        if self.busy_s and self.waiting_s / self.busy_s > protocol.pressure:
            flags.add(f"cpu pressure {self.waiting_s / self.busy_s:.0%}")
        if self.ticks and self.stolen / self.ticks > protocol.steal:
            flags.add(f"steal {self.stolen / self.ticks:.1%}")
        correlation = lag1_autocorrelation(self.round_medians) if len(self.rounds) >= protocol.min_rounds else None
        if correlation is not None and correlation > protocol.autocorrelation:
            flags.add(f"autocorrelation {correlation:.2f}")
        if self.device_rounds:
            ratio = median(self.round_medians) / median([median(t) for t in self.device_rounds])
            if ratio > protocol.launch_ratio:
                flags.add(f"launch overhead ×{ratio:.1f}")
        return tuple(sorted(flags))

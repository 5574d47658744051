"""What came of one measurement: a status with its reason, numbers, raw samples and flags."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.statistics.measurement import Measurement


class Status(StrEnum):
    """How a trial ended."""

    OK = "ok"
    FAILED = "failed"
    OOM = "oom"
    TIMEOUT = "timeout"
    UNCONVERGED = "unconverged"


@dataclass(frozen=True)
class Outcome:
    """The result of one trial, good or bad; a failure is a result too.

    Attributes
    ----------
    status : Status
        ``unconverged`` still carries metrics, with the interval that was reached.
    reason : str
        Empty for ``ok``; otherwise one line.
    metrics : mapping of str to Measurement
        By metric name, such as ``latency_ms``, ``throughput``, ``accuracy``, ``trained_params``.
    samples : mapping of str to list of float
        Raw samples by name; never thinned.
    flags : tuple of str
        What makes the numbers doubtful, such as ``"pressure"``; flags never delete a number.
    started : float
        Seconds since the epoch, UTC.
    duration_s : float
        Wall-clock seconds the trial took.
    notes : mapping
        JSON values that explain the numbers: cohort, rounds, epochs, penalty chosen.
    """

    status: Status
    reason: str = ""
    metrics: Mapping[str, Measurement] = field(default_factory=dict)
    samples: Mapping[str, list[float]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    started: float = 0.0
    duration_s: float = 0.0
    notes: Mapping[str, Any] = field(default_factory=dict)

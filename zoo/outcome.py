"""What came of one measurement: status, numbers, samples and flags."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from zoo.errors import ZooError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoo.canonical import Json
    from zoo.statistics.measurement import Measurement

    Notes = Mapping[str, Json]


class Status(StrEnum):
    """How a trial ended."""

    OK = "ok"
    FAILED = "failed"
    OOM = "oom"
    TIMEOUT = "timeout"
    UNCONVERGED = "unconverged"


@dataclass(frozen=True)
class Outcome:
    """The result of one trial, good or bad.

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
    notes: Notes = field(default_factory=dict)


CPU_ALLOCATOR = "DefaultCPUAllocator: can't allocate memory"
"""How PyTorch says on a CPU that memory is exhausted; any other RuntimeError is a failure."""

LONGEST_REASON = 200


class ReasonError(Exception):
    """An error whose words need no name of an error before them."""


def status_of(error: BaseException) -> Status:
    """``oom`` where memory was exhausted, else ``failed``.

    Torch is not imported to tell.
    """
    exhausted = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return Status.OOM if exhausted or CPU_ALLOCATOR in str(error) else Status.FAILED


def reason_of(error: BaseException) -> str:
    """An error in one line, cut to 200 characters unless the zoo worded it."""
    if isinstance(error, ZooError | ReasonError):
        return str(error)
    if isinstance(error, SystemExit):
        return f"the model ended its program: sys.exit({error.code!r})"[:LONGEST_REASON]
    if not isinstance(error, Exception):
        return f"the model ended its program: it raised {type(error).__name__}"[:LONGEST_REASON]
    lines = [line for line in str(error).splitlines() if line.strip()] or [""]
    # PyTorch puts the place in its own C++ before the message.
    message = next((line for line in lines if CPU_ALLOCATOR in line), lines[0])
    text = f"{type(error).__name__}: {message}".rstrip(": ")
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 3] + "..."


def outcome_of(error: BaseException, started: float, seconds: float) -> Outcome:
    """The outcome of a trial that ended in an error.

    The one place that decides which it is.

    Parameters
    ----------
    error : BaseException
        What the trial's own code raised; errors of the user's to mend are raised, never made an outcome.
    started : float
        Seconds since the epoch.
    seconds : float
        Wall-clock seconds that the trial took until then.
    """
    return Outcome(status_of(error), reason_of(error), started=started, duration_s=seconds)

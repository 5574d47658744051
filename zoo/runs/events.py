"""What a run tells while it goes, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.results.record import Record
    from zoo.results.trial import Trial


@dataclass(frozen=True)
class RunPlanned:
    """Trials of the suite, those done, and the seconds to the end as expected."""

    trials: int
    done: int
    seconds_left: float


@dataclass(frozen=True)
class TrialStarted:
    """The start of a trial, with what runs now in a few words."""

    trial: Trial | None
    label: str


@dataclass(frozen=True)
class StepProgress:
    """How far the running trial is: ``step`` of ``total``."""

    label: str
    step: int
    total: int


@dataclass(frozen=True)
class TrialDone:
    """A trial ended, well or badly, and its record is in the store."""

    record: Record
    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True)
class Message:
    """One line that a reader should know of."""

    text: str


Event = RunPlanned | TrialStarted | StepProgress | TrialDone | Message

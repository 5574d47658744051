"""What a run tells while it goes, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import for_caller, for_command

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
    """How far something is, and the seconds to its end where known."""

    label: str
    step: int
    total: int
    seconds_left: float | None = None


@dataclass(frozen=True)
class TrialDone:
    """A trial ended, well or badly, and its record is in the store."""

    record: Record
    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True)
class Message:
    """One line that a reader should know of.

    Attributes
    ----------
    line : str
        With arguments as :func:`zoo.errors.option` has them.
    """

    line: str

    @property
    def text(self) -> str:
        """The line for a caller of the functions."""
        return for_caller(self.line)

    @property
    def for_command(self) -> str:
        """The line for a user of the command line."""
        return for_command(self.line)


Event = RunPlanned | TrialStarted | StepProgress | TrialDone | Message

"""Progress on stderr: a live line on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from zoo.executors.events import Message, RunPlanned, StepProgress, TrialDone, TrialStarted
from zoo.outcome import Status
from zoo.plans.estimate import rounded
from zoo.report.numbers import with_interval
from zoo.results.quantities import quantity_of
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from types import TracebackType

    from zoo.executors.events import Event
    from zoo.results.record import Record


LONG_S = 5.0
"""What takes longer is told of in a log before it is done."""


class ProgressReporter:
    """A listener that tells of a run, as a context manager.

    Each finished trial is a line. On a terminal a live line below says what runs now, how many trials are
    left and how long it will take; in a log there is none.
    """

    def __init__(self) -> None:
        self._status: Any = None
        self._console: Any = None
        self._counts = ""
        self._label = ""
        self._told: set[str] = set()

    def __enter__(self) -> ProgressReporter:
        """Start the live line where there is a terminal."""
        if sys.stderr.isatty():
            from rich.console import Console

            self._console = Console(stderr=True, highlight=False)
            self._status = self._console.status("starting")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the live line away."""
        if self._status is not None:
            self._status.stop()

    def __call__(self, event: Event) -> None:
        """Tell of one step."""
        if isinstance(event, RunPlanned):
            left = _time(event.seconds_left) if event.trials > event.done else "nothing left to measure"
            self._print(f"{event.trials} trials, {event.done} already done; {left}")
        elif isinstance(event, Message):
            self._print(event.for_command)
        elif isinstance(event, TrialStarted):
            self._label = event.label
        elif isinstance(event, StepProgress):
            self._label = f"{event.label}, step {event.step}/{event.total}"
            if event.seconds_left is not None:
                self._label += f", {_time(event.seconds_left)}"
                self._tell_of_long_work(event.label, event.total, event.seconds_left)
        elif isinstance(event, TrialDone):
            self._counts = f"{event.total - event.done} trials left, {_time(event.seconds_left)}"
            self._print(f"[{event.done}/{event.total}] {describe(event.record)}")
        if self._status is not None:
            from rich.markup import escape

            self._status.update(escape(" · ".join(filter(None, (self._label, self._counts)))))

    def _tell_of_long_work(self, label: str, total: int, seconds_left: float) -> None:
        """Say once in a log, which has no live line, how long something takes."""
        if self._status is None and label not in self._told and seconds_left >= LONG_S:
            self._told.add(label)
            self._print(f"{label}: {total} files, {_time(seconds_left)}")

    def _print(self, line: str) -> None:
        if self._console is not None:
            self._console.print(line, markup=False, soft_wrap=True)
        else:
            print(line, file=sys.stderr, flush=True)


def describe(record: Record) -> str:
    """A finished trial in a line: what it was, and its number or its reason."""
    outcome, settings = record.outcome, record.trial.settings
    line = f"{record.trial.display_name}, {settings.describe()}: "
    quantity = quantity_of(record.trial.cost.metric) if record.trial.kind == "cost" else ACCURACY
    own = {"evaluate": "top1", "search": "validation"}
    measured = outcome.metrics.get(own.get(record.trial.kind, quantity.key))
    if measured is not None:
        doubt = " (unconverged)" if outcome.status == Status.UNCONVERGED else ""
        return f"{line}{with_interval(measured, quantity)} {quantity.shown_as}{doubt}"
    return f"{line}{outcome.status}: {outcome.reason}"


def _time(seconds: float) -> str:
    return f"{rounded(seconds)} left"

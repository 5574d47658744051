"""One cohort: models in their processes, measured in interleaved rounds."""

from __future__ import annotations

import math
import os
import time
import uuid
from typing import TYPE_CHECKING, Any

from zoo.cohorts.events import CostEvent
from zoo.cohorts.groups import ANCHOR_SIDE, anchor_note
from zoo.cohorts.series import Series, drift_of
from zoo.cost.engines import ENGINES
from zoo.cost.metrics import METRICS
from zoo.cost.rounds import balanced_orders, half_width, is_resolved
from zoo.cost.worker.requests import Compare, CountMacs, FirstCall, Prepare, ReadState, Round, WarmUp
from zoo.machine.contention import read_contention
from zoo.machine.cuda import started
from zoo.machine.gpu_state import flags as gpu_flags
from zoo.outcome import Outcome, Status
from zoo.processes.guard import Failure
from zoo.statistics.intervals import median, summarise_rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from zoo.cohorts.shares import Allowance
    from zoo.cost.case import Case
    from zoo.cost.protocol import Protocol
    from zoo.cost.worker.process import WorkerProcess

COMPILERS_SLACK = 5.0

LONGEST_MIN = 60
"""Nobody would wait longer for one cohort, and more rounds than so many tell of a machine that is never quiet."""


def run_cohort(
    workers: Mapping[Case, WorkerProcess],
    anchor: Case | None,
    protocol: Protocol,
    say: Callable[[CostEvent], None],
    seed: int = 0,
    allowance: Allowance | None = None,
    earlier: Mapping[str, Outcome] | None = None,
) -> Iterator[tuple[Case, Outcome]]:
    """Measure cases of one setting.

    Parameters
    ----------
    workers : mapping of Case to WorkerProcess
        The anchor's among them; one worker computes at a time.
    anchor : Case or None
        Goes on until every other case is done, so that drift of the machine shows.
    allowance : Allowance, optional
        Of a run whose time is limited; the protocol's budget of rounds otherwise.
    earlier : mapping of str to Outcome, optional
        Of the same cohort, by label: its rounds go on.

    Yields
    ------
    (Case, Outcome)
        As soon as a case is resolved or has failed.
    """
    cohort = _Cohort(workers, anchor, protocol, say, allowance, earlier or {})
    yield from cohort.prepare()
    yield from cohort.measure(seed)


class _Cohort:
    """Which cases still run, and what was measured of each."""

    def __init__(
        self,
        workers: Mapping[Case, WorkerProcess],
        anchor: Case | None,
        protocol: Protocol,
        say: Callable[[CostEvent], None],
        allowance: Allowance | None,
        earlier: Mapping[str, Outcome],
    ) -> None:
        self.earlier = earlier
        ids = {str(outcome.notes["cohort"]) for outcome in earlier.values()}
        self.id = ids.pop() if len(ids) == 1 else uuid.uuid4().hex
        self.workers = dict(workers)
        self.anchor = anchor
        self.protocol = protocol
        self.say = say
        self.series: dict[Case, Series] = {}
        self.anchor_gone = anchor is None and any(METRICS.get(case.settings.metric).anchored for case in workers)
        self.running: list[Case] = []
        self.allowance = allowance
        self.started = self.begun = time.monotonic()
        self.enough = math.inf

    def prepare(self) -> Iterator[tuple[Case, Outcome]]:
        """Build all models at once, then call and warm up one after the other."""
        self.say(CostEvent("starting " + ", ".join(sorted({_short(case) for case in self.workers}))))
        for case, worker in self.workers.items():
            self.series[case] = Series(case)
            if case.label in self.earlier:
                self.series[case].take_up(self.earlier[case.label])
            worker.send(Prepare(case.settings))
        for case, worker in self.workers.items():
            if self._is_over():
                return
            answer = worker.receive(self.protocol.start_timeout_s * _slack(case), "while it started")
            if isinstance(answer, Failure):
                yield from self._drop(case, answer)
                continue
            self.running.append(case)
        for case in list(self.running):
            answer = None if self._is_over() else self._warm_up(case)
            if isinstance(answer, Failure):
                yield from self._drop(case, answer)

    def _is_over(self) -> bool:
        """Whether a run's time is, so that nothing more is made ready; what is not is left for another run."""
        return self.allowance is not None and time.monotonic() >= self.started + self.allowance.most

    def _warm_up(self, case: Case) -> Failure | None:
        series, worker = self.series[case], self.workers[case]
        self.say(CostEvent(f"warming up {_short(case)}"))
        answer = worker.ask(FirstCall(), self.protocol.start_timeout_s, "in its first call")
        if isinstance(answer, Failure):
            return answer
        series.first_call_ms = None if answer is None else answer * 1000
        # Only now, when the model is known to run.
        answer = worker.ask(CountMacs(), self.protocol.start_timeout_s, "while its MACs were counted")
        if isinstance(answer, Failure):
            return answer
        series.macs = answer
        if not case.settings.is_reference and not series.metric.trains:
            answer = worker.ask(Compare(), self.protocol.start_timeout_s, "while its outputs were compared")
            if isinstance(answer, Failure):
                return answer
            series.compared = answer
        if not series.metric.timed:
            return None
        answer = worker.ask(WarmUp(), self.protocol.warmup_s + self.protocol.call_timeout_s, "while it warmed up")
        if isinstance(answer, Failure):
            return answer
        series.warmup_s, warm = answer
        if not warm:
            series.flags.add("not warm")
        return None

    def measure(self, seed: int) -> Iterator[tuple[Case, Outcome]]:
        """Take rounds until all are resolved or the budget is spent."""
        self.begun = time.monotonic()
        orders = balanced_orders(self.running, seed)
        index = 1 + max((index for series in self.series.values() for index in series.round_index), default=-1)
        while self._waiting() and any(map(self._has_time, self.running)) and index < self.protocol.max_rounds:
            for case in next(orders):
                if case not in self.running or not self._waiting() or not self._has_time(case):
                    continue
                answer = self._round(case, index)
                if isinstance(answer, Failure):
                    yield from self._drop(case, answer)
                elif case != self.anchor and self._resolved(case):
                    self.running.remove(case)
                    yield case, self._outcome(case, Status.OK, "")
            index += 1
        for case in self._others():
            self.running.remove(case)
            if self._is_told(case):
                yield case, self._unresolved(case)
        if self.anchor is not None and self.anchor in self.running and self._is_told(self.anchor):
            yield self.anchor, self._anchor_outcome()

    def _is_told(self, case: Case) -> bool:
        """Whether it has a round: what a run's time held none of is left for another run."""
        return bool(self.series[case].values) or self.allowance is None

    def _has_time(self, case: Case) -> bool:
        """Whether the budget lasts, or its overtime for one that has no interval yet."""
        narrows, most = self._limits()
        now = time.monotonic()
        return now < most and (now < narrows or self._lacks_rounds(case))

    def _lacks_rounds(self, case: Case) -> bool:
        """Whether it has too few rounds for an interval."""
        return len(self.series[case].values) < self.protocol.least_rounds and not self._resolved(case)

    def _limits(self) -> tuple[float, float]:
        """Until when intervals are narrowed, and rounds taken at all, on the monotonic clock."""
        if (own := self.allowance) is None:
            budget = self.protocol.cohort_budget_s
            return self.begun + budget, self.begun + self.protocol.overtime * budget
        if self.enough == math.inf and not any(map(self._lacks_rounds, self.running)):
            self.enough = time.monotonic()
        return min(self.enough + own.spare, self.started + own.seconds), self.started + own.most

    def _waiting(self) -> bool:
        """Whether any still needs rounds.

        The others do, and the anchor where its own number was asked for.
        """
        if self._others():
            return True
        asked = self.anchor is not None and not self.anchor.is_hidden
        return asked and self.anchor in self.running and not self._resolved(self.anchor)

    def _others(self) -> list[Case]:
        return [case for case in self.running if case != self.anchor]

    def _round(self, case: Case, index: int) -> Any:
        series = self.series[case]
        least = min(len(self.series[each].values) for each in self.running)
        doing = "timing" if series.metric.timed else "measuring"
        self.say(CostEvent(f"{doing} {_short(case)}", min(least, self.protocol.min_rounds), self.protocol.min_rounds))
        before, clock = read_contention(), time.monotonic()
        patience = self.protocol.call_timeout_s + self.protocol.round_s
        answer = self.workers[case].ask(Round(), patience * _slack(case), f"in round {index + 1}")
        if not isinstance(answer, Failure):
            series.add_contention(before, time.monotonic() - clock)
            series.add(index, answer)
            if case.settings.device != "cpu":
                return self._read_state(case)
        return answer

    def _read_state(self, case: Case) -> Any:
        """Flag what holds the GPU back under this load, and who else is there."""
        asked = self.workers[case]
        answer = asked.ask(ReadState(), self.protocol.call_timeout_s, "in a call after a round")
        if not isinstance(answer, Failure):
            ours = {worker.pid for worker in self.workers.values() if worker.pid is not None}
            if started():
                ours.add(os.getpid())
            self.series[case].flags.update(gpu_flags(answer, asked.pid, ours))
        return answer

    def _resolved(self, case: Case) -> bool:
        series = self.series[case]
        return is_resolved(series.values, self.protocol, series.metric.rounds)

    def _drop(self, case: Case, failure: Failure) -> Iterator[tuple[Case, Outcome]]:
        if case in self.running:
            self.running.remove(case)
        # A worker that failed once holds memory and state of unknown worth.
        self.workers[case].close()
        if case == self.anchor:
            self.anchor_gone = True
        yield case, self._outcome(case, failure.status, failure.reason)

    def _unresolved(self, case: Case) -> Outcome:
        values = self.series[case].values
        if not values:
            return self._outcome(case, Status.TIMEOUT, "the cohort's budget ended before its first round")
        target = f"±{self.protocol.target_half_width:.0%}"
        reason = f"{_reached(values)} after {len(values)} rounds instead of {target}"
        return self._outcome(case, Status.UNCONVERGED, reason + self._would_take(values))

    def _would_take(self, values: list[float]) -> str:
        """How long the rounds would go on, were the rest like these: an interval narrows by their root."""
        width = half_width(values)
        if width is None or not self.protocol.target_half_width:
            return ""
        seconds = (time.monotonic() - self.begun) * (width / self.protocol.target_half_width) ** 2
        minutes = max(1, math.ceil(seconds / 60))
        return f", which would take about {minutes} min" if minutes <= LONGEST_MIN else ""

    def _anchor_outcome(self) -> Outcome:
        """The anchor's outcome, resolved or not like that of any other."""
        assert self.anchor is not None
        if self._resolved(self.anchor):
            return self._outcome(self.anchor, Status.OK, "")
        reason = f"{_reached(self.series[self.anchor].values)} when the cohort ended"
        return self._outcome(self.anchor, Status.UNCONVERGED, reason)

    def _outcome(self, case: Case, status: Status, reason: str) -> Outcome:
        series = self.series[case]
        notes: dict[str, Any] = {"cohort": self.id, "replica": case.replica}
        if self.anchor_gone:
            series.flags.add("no anchor")
        elif self.anchor is not None and self.series[self.anchor].values:
            values, unit = self.series[self.anchor].values, series.metric.unit
            notes[anchor_note(unit)] = summarise_rounds(values, unit).to_dict()
            notes[ANCHOR_SIDE] = self.anchor.settings.side
            if series.values and median(values):
                notes["anchor_ratio"] = median(series.values) / median(values)
            drift = drift_of(values)
            if abs(drift) > self.protocol.drift:
                series.flags.add(f"anchor drift {drift:+.0%}")
        return series.outcome(status, reason, self.protocol, notes)


def _reached(values: list[float]) -> str:
    width = half_width(values)
    return "no interval" if width is None else f"±{width:.1%}"


def _slack(case: Case) -> float:
    """How many times the usual patience a case has: compilers take minutes for what others build in seconds."""
    return COMPILERS_SLACK if ENGINES.get(case.settings.engine).compiles else 1.0


def _short(case: Case) -> str:
    return case.model.rpartition("/")[2]

"""One cohort at one setting: models in their processes, timed in interleaved rounds, one at a time."""

from __future__ import annotations

import os
import time
import uuid
from typing import TYPE_CHECKING, Any

from zoo.cost.events import CostEvent
from zoo.cost.rounds import balanced_orders, is_resolved
from zoo.cost.subject import HIDDEN
from zoo.cost.tally import Tally
from zoo.cost.worker.requests import FirstCall, Look, Prepare, Round, WarmUp
from zoo.machine.contention import read_contention
from zoo.machine.cuda import started
from zoo.machine.gpu_state import flags as gpu_flags
from zoo.outcome import Outcome, Status
from zoo.processes.guard import Failure
from zoo.statistics.intervals import median, summarise_rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from zoo.cost.protocol import Protocol
    from zoo.cost.subject import Subject
    from zoo.cost.worker.process import WorkerProcess


def run_cohort(
    subjects: Mapping[Subject, WorkerProcess],
    anchor: Subject | None,
    protocol: Protocol,
    say: Callable[[CostEvent], None],
    seed: int = 0,
) -> Iterator[tuple[Subject, Outcome]]:
    """Time subjects of one setting; each is yielded as soon as it is resolved or has failed.

    Parameters
    ----------
    subjects : mapping of Subject to WorkerProcess
        The anchor among them; one worker computes at a time.
    anchor : Subject or None
        Goes on until every other subject is done, so that drift of the machine shows.
    """
    cohort = _Cohort(subjects, anchor, protocol, say)
    yield from cohort.prepare()
    yield from cohort.measure(seed)


class _Cohort:
    """The state of a cohort: who still runs, and what was measured of each."""

    def __init__(
        self,
        subjects: Mapping[Subject, WorkerProcess],
        anchor: Subject | None,
        protocol: Protocol,
        say: Callable[[CostEvent], None],
    ) -> None:
        self.id = uuid.uuid4().hex
        self.workers = dict(subjects)
        self.anchor = anchor
        self.protocol = protocol
        self.say = say
        self.tallies: dict[Subject, Tally] = {}
        self.started = time.monotonic()
        self.anchor_gone = anchor is None
        self.running: list[Subject] = []

    def prepare(self) -> Iterator[tuple[Subject, Outcome]]:
        """Build every model, all at once; then first calls and warm-ups, one after the other."""
        self.say(CostEvent("starting " + ", ".join(sorted({_short(s) for s in self.workers}))))
        for subject, worker in self.workers.items():
            self.tallies[subject] = Tally(subject)
            worker.send(Prepare(subject.settings))
        limit = self.protocol.start_timeout_s
        for subject, worker in self.workers.items():
            answer = worker.receive(limit, "while it started")
            if isinstance(answer, Failure):
                yield from self._drop(subject, answer)
                continue
            self.running.append(subject)
        for subject in list(self.running):
            self.say(CostEvent(f"warming up {_short(subject)}"))
            answer = self.workers[subject].ask(FirstCall(), limit, "in its first call")
            if not isinstance(answer, Failure):
                self.tallies[subject].first_call_ms = None if answer is None else answer * 1000
                patience = self.protocol.warmup_s + self.protocol.call_timeout_s
                answer = self.workers[subject].ask(WarmUp(), patience, "while it warmed up")
            if isinstance(answer, Failure):
                yield from self._drop(subject, answer)
                continue
            self.tallies[subject].warmup_s, warm = answer
            if not warm:
                self.tallies[subject].flags.add("not warm")

    def measure(self, seed: int) -> Iterator[tuple[Subject, Outcome]]:
        """Rounds until all are resolved or the budget is spent."""
        deadline = time.monotonic() + self.protocol.cohort_budget_s
        orders = balanced_orders(self.running, seed)
        index = 0
        while self._waiting() and time.monotonic() < deadline and index < self.protocol.max_rounds:
            for subject in next(orders):
                if subject not in self.running or not self._waiting():
                    continue
                answer = self._round(subject, index)
                if isinstance(answer, Failure):
                    yield from self._drop(subject, answer)
                elif subject != self.anchor and self._resolved(subject):
                    self.running.remove(subject)
                    yield subject, self._outcome(subject, Status.OK, "")
            index += 1
        for subject in self._others():
            self.running.remove(subject)
            reached = summarise_rounds(self.tallies[subject].round_medians or [0.0], "ms").relative_half_width
            width = "no interval" if reached is None else f"±{reached:.1%}"
            target = f"±{self.protocol.target_half_width:.0%}"
            reason = f"{width} after {len(self.tallies[subject].rounds)} rounds instead of {target}"
            if not self.tallies[subject].rounds:
                yield (
                    subject,
                    self._outcome(subject, Status.TIMEOUT, "the cohort's budget ended before its first round"),
                )
            else:
                yield subject, self._outcome(subject, Status.UNCONVERGED, reason)
        if self.anchor is not None and self.anchor in self.running:
            yield self.anchor, self._anchor_outcome()

    def _waiting(self) -> bool:
        """Whether anyone still needs rounds: the others, or the anchor where its own number was asked for."""
        if self._others():
            return True
        asked = self.anchor is not None and self.anchor.replica != HIDDEN
        return asked and self.anchor in self.running and not self._resolved(self.anchor)

    def _others(self) -> list[Subject]:
        return [subject for subject in self.running if subject != self.anchor]

    def _round(self, subject: Subject, index: int) -> Any:
        tally = self.tallies[subject]
        least = min(len(self.tallies[s].rounds) for s in self.running)
        self.say(
            CostEvent(f"timing {_short(subject)}", min(least, self.protocol.min_rounds), self.protocol.min_rounds)
        )
        before, clock = read_contention(), time.monotonic()
        patience = self.protocol.call_timeout_s + self.protocol.round_s
        answer = self.workers[subject].ask(Round(), patience, f"in round {index + 1}")
        if not isinstance(answer, Failure):
            tally.add_contention(before, time.monotonic() - clock)
            tally.add(index, answer)
            if subject.settings.device != "cpu":
                return self._look(subject)
        return answer

    def _look(self, subject: Subject) -> Any:
        """Flag what holds the GPU back under this subject's load, and who else is there."""
        asked = self.workers[subject]
        answer = asked.ask(Look(), self.protocol.call_timeout_s, "in a call after a round")
        if not isinstance(answer, Failure):
            ours = {worker.pid for worker in self.workers.values() if worker.pid is not None}
            if started():
                ours.add(os.getpid())
            self.tallies[subject].flags.update(gpu_flags(answer, asked.pid, ours))
        return answer

    def _resolved(self, subject: Subject) -> bool:
        tally = self.tallies[subject]
        return is_resolved(tally.round_medians, self.protocol)

    def _drop(self, subject: Subject, failure: Failure) -> Iterator[tuple[Subject, Outcome]]:
        if subject in self.running:
            self.running.remove(subject)
        # A worker that failed once holds memory and state of unknown worth.
        self.workers[subject].close()
        if subject == self.anchor:
            self.anchor_gone = True
        yield subject, self._outcome(subject, failure.status, failure.reason)

    def _anchor_outcome(self) -> Outcome:
        """The anchor ran as long as anyone, and as long as it needed itself; it is resolved or not like the rest."""
        assert self.anchor is not None
        if self._resolved(self.anchor):
            return self._outcome(self.anchor, Status.OK, "")
        width = summarise_rounds(self.tallies[self.anchor].round_medians or [0.0], "ms").relative_half_width
        reached = "no interval" if width is None else f"±{width:.1%}"
        return self._outcome(self.anchor, Status.UNCONVERGED, f"{reached} when the cohort ended")

    def _outcome(self, subject: Subject, status: Status, reason: str) -> Outcome:
        tally = self.tallies[subject]
        notes: dict[str, Any] = {"cohort": self.id, "replica": subject.replica}
        if self.anchor_gone:
            tally.flags.add("no anchor")
        elif self.anchor is not None and self.tallies[self.anchor].rounds:
            medians = self.tallies[self.anchor].round_medians
            notes["anchor_ms"] = summarise_rounds(medians, "ms").to_dict()
            if tally.rounds:
                notes["anchor_ratio"] = median(tally.round_medians) / median(medians)
            third = len(medians) // 3
            if third >= 2 and abs(median(medians[-third:]) / median(medians[:third]) - 1) > self.protocol.drift:
                tally.flags.add(f"anchor drift {median(medians[-third:]) / median(medians[:third]) - 1:+.0%}")
        return tally.outcome(status, reason, self.protocol, notes)


def _short(subject: Subject) -> str:
    return subject.model.rpartition("/")[2]

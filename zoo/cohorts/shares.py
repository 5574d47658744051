"""How the time that a run has for timings is shared among its cohorts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.cohorts.groups import work_of
from zoo.cost.metrics import METRICS
from zoo.regimes.settings import STEP_PASSES
from zoo.statistics.curve import LONGEST_CALL_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zoo.cohorts.groups import Group
    from zoo.cost.case import Case
    from zoo.cost.protocol import Protocol
    from zoo.cost.settings import CostSettings


CASE_S = 2.0
"""Seconds that a process takes to start and to build a model; that a round takes which does so itself."""

WARM_UP_CALLS = 10
"""First call, warm-up and comparison of outputs."""

NEW_PROCESS_CALLS = 2
"""Calls of a round that are not recorded: the first of its process, and the one before those that are."""

SLOW_ROUND_CALLS = NEW_PROCESS_CALLS + 1
"""All calls of a round where one fills it."""

UNKNOWN_MACS = 4e9
"""Of a model that is counted nowhere."""

THREADS_GAIN = 0.6
"""Of each thread beyond the first, so much serves."""

CORES_OF_A_GPU = 100
"""A GPU computes as much as so many cores, until one was seen."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Seconds that cases have, from their start.

    Attributes
    ----------
    most : float
        After so many they end, also without an interval.
    spare : float
        Once all have an interval, intervals are narrowed for so many more.
    seconds : float
        After so many no interval is narrowed any further in any case.
    """

    most: float
    spare: float = math.inf
    seconds: float = math.inf

    def of(self, part: float, passed: float) -> Allowance:
        """A part of what is spare, when some seconds have passed."""
        return Allowance(self.most - passed, part * self.spare, self.seconds - passed)


@dataclass(frozen=True, slots=True)
class Need:
    """What measuring is expected to take, in seconds.

    Attributes
    ----------
    start : float
        Until the first round.
    round : float
        Of each round.
    """

    start: float
    round: float

    def of(self, rounds: float) -> float:
        """Seconds of so many rounds, with the start."""
        return self.start + rounds * self.round


def needs_of(group: Group, protocol: Protocol, macs_per_s: float) -> list[Need]:
    """What each cohort of a group is expected to take.

    On a core that computes so many MACs a second. The first one starts the processes.
    """
    found = []
    for place, cohort in enumerate(group.cohorts):
        needs = [_need(case, protocol, macs_per_s) for case in cohort.everyone]
        starts = CASE_S * len(needs) if place == 0 else 0.0
        found.append(Need(starts + sum(need.start for need in needs), sum(need.round for need in needs)))
    return found


def _need(case: Case, protocol: Protocol, macs_per_s: float) -> Need:
    settings, metric = case.settings, METRICS.get(case.settings.metric)
    if not metric.timed:
        return Need(0.0, CASE_S)
    macs = work_of(case)
    call_s = expected_call_s(settings, macs if math.isfinite(macs) else UNKNOWN_MACS, macs_per_s)
    if case.on_curve and call_s > LONGEST_CALL_S:  # before which the curve is expected to end
        return Need(0.0, 0.0)
    recorded = max(call_s, min(protocol.round_s, max(protocol.min_round_s, protocol.min_iterations * call_s)))
    warm = protocol.process_calls if call_s < protocol.round_s else 0
    return Need(WARM_UP_CALLS * call_s, (NEW_PROCESS_CALLS + warm) * call_s + recorded)


def expected_call_s(settings: CostSettings, macs: float, macs_per_s: float) -> float:
    """Seconds of a call, where a core computes so many MACs a second.

    ``macs`` are those of an image.
    """
    cores = 1 + THREADS_GAIN * (settings.threads - 1) if settings.device == "cpu" else CORES_OF_A_GPU
    passes = STEP_PASSES if METRICS.get(settings.metric).trains else 1
    return passes * settings.batch * macs / macs_per_s / cores


def part_of_first(needs: Sequence[Need]) -> float:
    """The first one's part of what is spare for some.

    So that the rounds of all become as many.
    """
    rounds = sum(need.round for need in needs)
    return needs[0].round / rounds if rounds else 1.0


@dataclass
class Shares:
    """A run's time for timings, shared among its groups.

    Attributes
    ----------
    groups : list of Group
        In the order of their turns.
    protocol : Protocol
    macs_per_s : float
        What a core is expected to compute.
    pace : float
        Seconds that an expected second took so far.
    """

    groups: Sequence[Group]
    protocol: Protocol
    macs_per_s: float
    pace: float = 1.0
    _expected: float = field(default=0.0, init=False)
    _taken: float = field(default=0.0, init=False)
    _known: dict[Group, list[Need]] = field(default_factory=dict, init=False)

    def least(self, groups: Sequence[Group] | None = None) -> float:
        """Seconds in which all cases of some groups have an interval, or of all."""
        rounds = self.protocol.least_rounds
        chosen = self.groups if groups is None else groups
        return self.pace * sum(need.of(rounds) for group in chosen for need in self._needs(group))

    def least_to_begin(self, group: Group) -> float:
        """Seconds in which the first cases of a group have an interval."""
        return self.pace * self._needs(group)[0].of(self.protocol.least_rounds)

    def of(self, group: Group, seconds: float, most: float) -> Allowance:
        """What a group has of the seconds that it shares with those after it.

        All have what the fewest rounds that have an interval take, and of the rest as much as makes their rounds as
        many. Those fewest rounds a group may take as long as there is time at all: one that was started and has no
        interval is lost, while one that was not is left for another run.

        Parameters
        ----------
        group : Group
        seconds, most : float
            For this group and all after it: until intervals are no longer narrowed, and until nothing is started.
        """
        waiting = self.groups[self.groups.index(group) :]
        spare = max(0.0, seconds - self.least(waiting))
        return Allowance(most, part_of_first([self.need(one) for one in waiting]) * spare)

    def finished(self, group: Group, seconds: float, rounds: Mapping[str, int]) -> None:
        """Learn the pace from the seconds that a group took for its rounds.

        ``rounds`` holds those of each case, by its label.
        """
        for cohort, need in zip(group.cohorts, self._needs(group), strict=True):
            if cohort.cases[0].on_curve and not any(case.label in rounds for case in cohort.cases):
                continue  # beyond the ends of the curves
            counts = [rounds.get(case.label, 0) for case in cohort.cases]
            self._expected += need.of(sum(counts) / len(counts))
        self._taken += seconds
        self.pace = self._taken / self._expected if self._expected else self.pace

    def need(self, group: Group) -> Need:
        """What a group is expected to take, before the pace."""
        needs = self._needs(group)
        return Need(sum(need.start for need in needs), sum(need.round for need in needs))

    def _needs(self, group: Group) -> list[Need]:
        """Those of its cohorts, which every group before it asks for."""
        if group not in self._known:
            self._known[group] = needs_of(group, self.protocol, self.macs_per_s)
        return self._known[group]

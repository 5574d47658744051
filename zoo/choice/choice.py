"""A choice with its reasons.

What won, what came close, what ties, and what the limits left out.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from zoo.choice.basis import PUBLISHED
from zoo.choice.candidates import find_candidates
from zoo.choice.limits import Limits, uncertain, violations
from zoo.choice.quantities import metric_quantities, quantities
from zoo.errors import UnknownNameError, ZooError
from zoo.regimes.strategies import STRATEGIES, in_order, is_usable
from zoo.registry.licences import warning_of
from zoo.registry.naming import NO_WEIGHTS, RANDOM
from zoo.registry.search import check_licences
from zoo.terminal import width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.canonical import JsonObject
    from zoo.choice.basis import Basis
    from zoo.choice.candidates import Candidate
    from zoo.choice.limits import Violation
    from zoo.results.view import Results
    from zoo.statistics.measurement import Measurement


NOTHING_QUALIFIES = 3


@dataclass(frozen=True)
class Choice:
    """What to take, and why.

    Attributes
    ----------
    chosen : Candidate or None
        None where nothing qualifies.
    runners_up : tuple of Candidate
        The next three, in order.
    ties : tuple of Candidate
        Those whose interval of the objective overlaps the winner's.
    excluded : tuple of (Candidate, violations)
    unranked : tuple of Candidate
        Within the limits, but without a measured objective.
    nearest_miss : (Candidate, violations) or None
        Where nothing qualifies, what breaks the limits by least.
    ranked : int
        How many qualified and have a measured value of the objective.
    """

    objective: str
    basis: Basis
    chosen: Candidate | None
    runners_up: tuple[Candidate, ...]
    ties: tuple[Candidate, ...]
    excluded: tuple[tuple[Candidate, tuple[Violation, ...]], ...]
    unranked: tuple[Candidate, ...]
    doubts: tuple[str, ...]
    nearest_miss: tuple[Candidate, tuple[Violation, ...]] | None
    ranked: int = 0

    @property
    def exit_code(self) -> int:
        """0, or 3 where nothing qualifies."""
        return 0 if self.chosen else NOTHING_QUALIFIES

    @property
    def python_line(self) -> str:
        """The line that loads the choice."""
        if self.chosen is None:
            return ""
        weights = self.chosen.weights
        shown = "None" if weights in (RANDOM, NO_WEIGHTS) else repr(weights)
        return f"model = zoo.create({self.chosen.model!r}, weights={shown}, num_classes=…)"

    def to_dict(self) -> JsonObject:
        """Plain values for JSON."""
        return {
            "objective": self.objective,
            "basis": self.basis.to_dict(),
            "chosen": self.chosen.to_dict() if self.chosen else None,
            "runners_up": [one.to_dict() for one in self.runners_up],
            "ties": [one.to_dict() for one in self.ties],
            "excluded": [_refused(pair) for pair in self.excluded],
            "unranked": [one.to_dict() for one in self.unranked],
            "doubts": list(self.doubts),
            "nearest_miss": _refused(self.nearest_miss) if self.nearest_miss else None,
            "ranked": self.ranked,
            "python": self.python_line,
        }

    def to_text(self) -> str:
        """Lines no wider than the terminal, or than 100 columns where there is none."""
        lines = []
        if self.chosen is None:
            lines.append(f"Nothing qualifies ({self.basis.to_text()}).")
            if self.nearest_miss:
                candidate, broken = self.nearest_miss
                lines.append(f"Nearest miss: {candidate.model}, beyond {'; '.join(map(str, broken))}.")
        else:
            lines.append(f"Choice: {describe(self.chosen)}")
            lines.append(f"Best {self.objective} among {self.ranked} ({self.basis.to_text()}).")
            lines += [f"Not certain: {doubt}." for doubt in self.doubts]
            lines += [f"Mind the {text}." for text in filter(None, [warning_of(self.chosen.licence)])]
            if self.ties:
                names = ", ".join(candidate.model for candidate in self.ties)
                lines.append(f"Ties (intervals overlap; the lower latency was taken): {names}.")
            lines += [f"Runner-up: {describe(candidate)}" for candidate in self.runners_up]
        lines += [f"Excluded: {c.model}, beyond {'; '.join(map(str, v))}." for c, v in self.excluded]
        if self.unranked:
            names = ", ".join(candidate.model for candidate in self.unranked)
            at = " at this setting" if self.objective in metric_quantities() else ""
            lines.append(f"Not ranked, without a measured {self.objective}{at}: {names}.")
        if self.chosen is not None:
            lines.append(f"Load it:  {self.python_line}")
        return "\n".join(wrapped for line in lines for wrapped in _wrap(line))


RUNNERS_UP = 3


def choose(
    results: Results,
    objective: str = "accuracy",
    limits: Limits | None = None,
    *,
    device: str | None = None,
    threads: int | None = None,
    input_size: int | str | None = None,
    batch: int | None = None,
    task: str | None = None,
    shots: int | str | None = None,
    strategy: str | None = None,
) -> Choice:
    """Rank what meets the limits by the objective.

    Those whose intervals overlap the best one's are ties.

    Among ties the one with the lower latency is taken, then the one with fewer parameters.

    Parameters
    ----------
    results : Results
        Of one machine.
    objective : str
        ``accuracy``, the name of a metric, ``params`` or ``macs``.
    limits : Limits, optional
    device, threads, input_size, batch, task, shots, strategy : optional
        Which measurements to choose by; see :func:`zoo.choice.candidates.find_candidates`.

    Raises
    ------
    ZooError
        Unknown objective, nothing measured, several machines.
    """
    _check_objective(objective)
    _check_asked(threads, task, shots, strategy)
    check_licences(limits.licence if limits else ())
    found = find_candidates(
        results,
        device=device,
        threads=threads,
        input_size=input_size,
        batch=batch,
        task=task,
        shots=shots,
        strategy=strategy,
    )
    return choose_from(*found, objective, limits)


def choose_from(
    candidates: Sequence[Candidate], basis: Basis, objective: str = "accuracy", limits: Limits | None = None
) -> Choice:
    """As :func:`choose`, among candidates that were found before.

    Raises
    ------
    ZooError
        Unknown objective.
    """
    _check_objective(objective)
    limits = limits or Limits()
    judged = [(candidate, tuple(violations(candidate, limits))) for candidate in candidates]
    within = [candidate for candidate, broken in judged if not broken]
    excluded = tuple((candidate, broken) for candidate, broken in judged if broken)
    ranked = sorted((c for c in within if c.value(objective) is not None), key=lambda c: _rank(c, objective))
    unranked = tuple(c for c in within if c.value(objective) is None)
    if not ranked:
        nearest = min(excluded, key=lambda pair: _excess(pair[1]), default=None)
        return Choice(objective, basis, None, (), (), excluded, unranked, (), nearest)
    best = ranked[0]
    tied = [c for c in ranked if _tie(best, c, objective)]
    chosen = min(tied, key=_tie_break)
    rest = [c for c in ranked if c is not chosen]
    return Choice(
        objective=objective,
        basis=basis,
        chosen=chosen,
        runners_up=tuple(rest[:RUNNERS_UP]),
        ties=tuple(c for c in tied if c is not chosen),
        excluded=excluded,
        unranked=unranked,
        doubts=tuple(uncertain(chosen, limits)),
        nearest_miss=None,
        ranked=len(ranked),
    )


def describe(candidate: Candidate) -> str:
    """A candidate with its numbers, in a line."""
    weights = "" if candidate.weights == NO_WEIGHTS else f".{candidate.weights}"
    parts = []
    if candidate.accuracy:
        parts.append(f"accuracy {_spread(candidate.accuracy, 3)} ({candidate.strategy})")
    for metric, quantity in metric_quantities().items():
        found = candidate.costs.get(metric)
        if found:
            # Milliseconds and images a second say of themselves what they are of.
            label = "" if metric in ("latency", "throughput") else f"{quantity.label} "
            parts.append(f"{label}{_spread(found, quantity.brief)} {quantity.unit}")
    if candidate.params:
        parts.append(f"{candidate.params / 1e6:.1f} M parameters")
    return f"{candidate.model}{weights}: " + ", ".join(parts)


def _spread(measurement: Measurement, digits: int) -> str:
    if measurement.low is None or measurement.high is None:
        return f"{measurement.value:.{digits}f}"
    return f"{measurement.value:.{digits}f} [{measurement.low:.{digits}f}, {measurement.high:.{digits}f}]"


def _check_objective(objective: str) -> None:
    known = quantities()
    if objective not in known:
        raise UnknownNameError("objective", objective, known, f"permitted: {', '.join(known)}")


def _check_asked(threads: int | None, task: str | None, shots: int | str | None, strategy: str | None) -> None:
    """Refuse what no measurement can answer, and what would be passed over."""
    if threads is not None and threads < 1:
        raise ZooError(f"--threads must be a whole number of at least 1, not {threads}")
    if task == PUBLISHED and (shots, strategy) != (None, None):
        raise ZooError("published accuracies have no shots and no strategy; leave out --shots and --strategy")
    if strategy is not None and not is_usable(strategy):
        usable = in_order(name for name in STRATEGIES if is_usable(name))
        raise UnknownNameError("strategy", strategy, usable, f"to choose by: {', '.join(usable)}")


def _excess(broken: tuple[Violation, ...]) -> float:
    return sum(math.inf if violation.excess is None else violation.excess for violation in broken)


def _refused(pair: tuple[Candidate, tuple[Violation, ...]]) -> list[Any]:
    """A candidate with the limits it breaks, as JSON."""
    return [pair[0].to_dict(), [asdict(violation) for violation in pair[1]]]


def _rank(candidate: Candidate, objective: str) -> tuple[float, str]:
    value = candidate.value(objective)
    assert value is not None
    return quantities()[objective].rank(value.value), candidate.model


def _tie(best: Candidate, other: Candidate, objective: str) -> bool:
    a, b = best.value(objective), other.value(objective)
    return a is not None and b is not None and a.overlaps(b)


def _tie_break(candidate: Candidate) -> tuple[float, float, str]:
    latency = candidate.latency.value if candidate.latency else float("inf")
    return latency, float(candidate.params or float("inf")), candidate.model


def _wrap(line: str) -> list[str]:
    return textwrap.wrap(line, width(), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)

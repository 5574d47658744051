"""A choice with its reasons.

What won, what came close, what ties, and what the limits left out.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from zoo.choice.basis import span
from zoo.choice.candidates import find_candidates
from zoo.choice.comparable import Asked
from zoo.choice.description import describe
from zoo.choice.limits import Limits, uncertain, violations
from zoo.choice.quantities import metric_quantities
from zoo.choice.question import check_asked, check_objective
from zoo.choice.ties import EXACT, Standing, decided_by, rank, standing, tie_break
from zoo.registry.licences import warning_of
from zoo.results.view import check_results
from zoo.sources.forms import TRAINED
from zoo.sources.naming import NO_WEIGHTS, RANDOM
from zoo.statistics.quantity import ACCURACY
from zoo.terminal import width
from zoo.weights.digests import path_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.canonical import JsonObject
    from zoo.choice.basis import Basis
    from zoo.choice.candidates import Candidate
    from zoo.choice.floor import Shortfall
    from zoo.choice.limits import Violation
    from zoo.results.view import Results


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
        Those whose interval of the objective overlaps the best one's, or the best one itself.
    excluded : tuple of (Candidate, violations)
    unranked : tuple of Candidate
        Within the limits, but without a measured objective.
    nearest_miss : (Candidate, violations) or None
        Where nothing qualifies, what breaks the limits by least.
    ranked : int
        How many qualified and have a value of the objective.
    best : Candidate or None
        Whose value of the objective is the best; among ties not always the chosen.
    untold : tuple of Candidate
        Those that are not told apart from the best because one of the two has no interval.
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
    best: Candidate | None = None
    untold: tuple[Candidate, ...] = ()

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """What takes no backbone, and the chosen one does not exceed."""
        return self.basis.floor.shortfalls(self.chosen.accuracy if self.chosen else None)

    @property
    def tie_text(self) -> str:
        """What the ties overlap, and what decided among them."""
        assert self.chosen is not None
        assert self.best is not None
        overlap = "intervals overlap"
        if self.best is not self.chosen:
            overlap = f"intervals overlap that of the best, {self.best.model}"
        return f"{overlap}; {decided_by(self.chosen, self.ties)}"

    @property
    def exit_code(self) -> int:
        """0, or 3 where nothing qualifies."""
        return 0 if self.chosen else NOTHING_QUALIFIES

    @property
    def python_line(self) -> str:
        """The line of Python that loads the choice, to be run as it stands.

        A checkpoint of the user's is named by its path here, which no record holds, or by its digest where no file
        that is known here has it.
        """
        if self.chosen is None:
            return ""
        weights, digest = self.chosen.weights, self.chosen.file_digest
        shown = "None" if weights in (RANDOM, NO_WEIGHTS) else repr(weights)
        path = path_of(digest) if digest else None
        shown = repr(str(path)) if path else shown
        line = f"import zoo; model = zoo.create({self.chosen.model!r}, weights={shown})"
        return f"{line}  # your file of SHA-256 {digest[:12]}" if digest and path is None else line

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
            "best": self.best.model if self.best else None,
            "not_told_apart": [one.to_dict() for one in self.untold],
            "shortfalls": [asdict(one) for one in self.shortfalls],
            "python": self.python_line,
        }

    def to_text(self) -> str:
        """Lines as wide as the terminal, or 100 columns where there is none."""
        lines = []
        if self.chosen is None:
            missing = self.excluded == () and self.unranked
            said = f"No {self.objective} is known" if missing else "Nothing qualifies"
            lines.append(f"{said} ({self.basis.to_text()}).")
            if self.nearest_miss and math.isfinite(_excess(self.nearest_miss[1])):
                candidate, broken = self.nearest_miss
                lines.append(f"Nearest miss: {candidate.model}, {_why(broken)}.")
        else:
            below = " and ".join(short.of for short in self.shortfalls if short.below)
            lines.append(f"Choice{f', below {below}' if below else ''}: {describe(self.chosen)}")
            lines += [f"Mind: its accuracy is {short.text}." for short in self.shortfalls]
            place = "Best" if self.best is self.chosen else "Not told apart from the best"
            lines.append(f"{place} {self._of()} among {self.ranked} ({self.basis.to_text()}).")
            lines += [f"Not certain: {doubt}." for doubt in self.doubts]
            lines += [f"Mind the {text}." for text in filter(None, [warning_of(self.chosen.licence)])]
            lines += [f"{text}." for text in self.basis.said]
            lines += [f"Mind the task: {text.rstrip('.')}." for text in self.basis.floor.health]
            if self.ties:
                names = ", ".join(candidate.model for candidate in self.ties)
                lines.append(f"Ties ({self.tie_text}): {names}.")
            if self.untold:
                names = ", ".join(candidate.model for candidate in self.untold)
                lines.append(f"Not told apart (no interval): {names}.")
            lines += [f"Runner-up: {describe(candidate)}" for candidate in self.runners_up]
        lines += [f"Excluded: {candidate.model}, {_why(broken)}." for candidate, broken in self.excluded]
        if self.unranked:
            names = ", ".join(candidate.model for candidate in self.unranked)
            at = " at this setting" if self.objective in metric_quantities() else ""
            what = "counted" if self.objective in EXACT else "measured"
            lines.append(f"Not ranked, without a {what} {self.objective}{at}: {names}.")
        if self.chosen is not None:
            form = next((found.setting.form for found in self.basis.costs.values()), TRAINED)
            timed = f"form={form!r} for the form that was timed, and " if form != TRAINED else ""
            lines.append(f"Add {timed}num_classes=N for a head of N classes.")
        wrapped = [part for line in lines for part in _wrap(line)]
        if self.chosen is not None:
            wrapped.insert(-1, f"Load it:  {self.python_line}")  # whole, however wide, so that it can be copied
        return "\n".join(wrapped)

    def _of(self) -> str:
        """The objective, with the size of the images that MACs are of."""
        ranked = [one for one in (self.chosen, *self.runners_up, *self.ties) if one and one.macs_px]
        sides = tuple(sorted({one.macs_px for one in ranked if one.macs_px}))
        if self.objective != "macs" or self.chosen is None or not self.chosen.macs:
            return self.objective
        return f"macs ({self.chosen.macs / 1e9:.3f} G, at {span(sides)} px)"


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
    measure: str = ACCURACY.key,
) -> Choice:
    """Rank what meets the limits by the objective.

    Those whose intervals overlap the best one's are ties. Among ties the one with the lower latency is taken, then
    the one with fewer parameters. A measured value without an interval ties with none, and is said not to be told
    apart.

    Parameters
    ----------
    results : Results
        Of one machine.
    objective : str
        ``accuracy``, the name of a metric, ``params`` or ``macs``.
    limits : Limits, optional
    device, threads, input_size, batch, task, shots, strategy, measure : optional
        Which measurements to choose by; see :func:`zoo.choice.candidates.find_candidates`.

    Raises
    ------
    ZooError
        Unknown objective, nothing measured, several machines.
    """
    check_results(results, "results")
    check_objective(objective)
    check_asked(Asked(device, threads, input_size, batch), task, shots, strategy, measure)
    found = find_candidates(
        results,
        device=device,
        threads=threads,
        input_size=input_size,
        batch=batch,
        task=task,
        shots=shots,
        strategy=strategy,
        measure=measure,
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
    check_objective(objective)
    limits = limits or Limits()
    judged = [(candidate, tuple(violations(candidate, limits))) for candidate in candidates]
    within = [candidate for candidate, broken in judged if not broken]
    excluded = tuple((candidate, broken) for candidate, broken in judged if broken)
    ranked = sorted((c for c in within if c.value(objective) is not None), key=lambda c: rank(c, objective))
    unranked = tuple(c for c in within if c.value(objective) is None)
    if not ranked:
        nearest = min(excluded, key=lambda pair: _excess(pair[1]), default=None)
        return Choice(objective, basis, None, (), (), excluded, unranked, (), nearest)
    best = ranked[0]
    stands = {c.model: standing(best, c, objective) for c in ranked[1:]}
    tied = [best, *(c for c in ranked[1:] if stands[c.model] == Standing.TIED)]
    chosen = min(tied, key=tie_break)
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
        best=best,
        untold=tuple(c for c in ranked[1:] if stands[c.model] == Standing.UNTOLD),
    )


def _why(broken: tuple[Violation, ...]) -> str:
    """Limits that are broken; "beyond" only of what was measured."""
    return "; ".join(f"{'' if violation.excess is None else 'beyond '}{violation}" for violation in broken)


def _excess(broken: tuple[Violation, ...]) -> float:
    return sum(math.inf if violation.excess is None else violation.excess for violation in broken)


def _refused(pair: tuple[Candidate, tuple[Violation, ...]]) -> list[Any]:
    """A candidate with the limits it breaks, as JSON."""
    return [pair[0].to_dict(), [asdict(violation) for violation in pair[1]]]


def _wrap(line: str) -> list[str]:
    return textwrap.wrap(line, width(), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)

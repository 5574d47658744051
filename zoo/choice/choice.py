"""A choice with its reasons.

What won, what came close, what ties, and what the limits left out.
"""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from zoo.candidates.candidates import find_candidates
from zoo.candidates.comparable import Asked
from zoo.choice.certainty import certainty
from zoo.choice.decision import Decision
from zoo.choice.description import describe
from zoo.choice.limits import Limits, excess, uncertain, violations
from zoo.choice.lines import lines
from zoo.choice.margins import Margins
from zoo.choice.price import price
from zoo.choice.question import check_asked, check_objective
from zoo.choice.ties import Standing, leader, rank, standing, tie_break
from zoo.choice.unmeasured import unmeasured
from zoo.results.view import check_results
from zoo.statistics.quantity import ACCURACY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.candidates.basis import Basis
    from zoo.candidates.candidate import Candidate
    from zoo.canonical import JsonObject
    from zoo.choice.limits import Violation
    from zoo.results.view import Results


NOTHING_QUALIFIES = 3


@dataclass(frozen=True)
class Choice(Decision):
    """What to take, and why, as text and as JSON."""

    @property
    def exit_code(self) -> int:
        """0, or 3 where nothing qualifies."""
        return 0 if self.chosen else NOTHING_QUALIFIES

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
            "unproven": [one.to_dict() for one in self.unproven],
            "gaps": {model: found.to_dict() for model, found in self.gaps.items()},
            "margin": self.margins.of(self.objective),
            "certainty": certainty(self),
            "limit_prices": [one.to_dict() for one in self.prices],
            "unmeasured": [one.to_dict() for one in self.unmeasured],
            "shortfalls": [asdict(one) for one in self.shortfalls],
            "python": self.python_line,
        }

    def _repr_html_(self) -> str:
        """The same for a notebook: what is taken, how sure that is, and the line that loads it."""
        code = f"<pre><code>{html.escape(self.python_line)}</code></pre>" if self.python_line else ""
        if self.chosen is None:
            return "".join(f"<p>{html.escape(line)}</p>" for line in lines(self))
        said = [*certainty(self), *(f"Not certain: {doubt}." for doubt in self.doubts)]
        said += [one.to_text() for one in self.prices]
        listed = "".join(f"<li>{html.escape(line)}</li>" for line in said)
        return f"<p><strong>{html.escape(describe(self.chosen))}</strong></p><ul>{listed}</ul>{code}"

    def to_text(self) -> str:
        """Lines as wide as the terminal, or 100 columns where there is none."""
        return "\n".join(lines(self))


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
    margins: Margins | None = None,
    further: bool = False,
) -> Choice:
    """Rank what meets the limits by the objective.

    Two candidates are compared in pairs where they have seeds and test images, or rounds, in common. Those that are
    not told apart from the best within the margin are ties. Among ties by accuracy the one with the lower latency is
    taken, then the one with fewer parameters; among ties by a cost the one with the higher accuracy comes first.
    Beyond the margin the better one is taken, and called unproven. A measured value without an interval ties with
    none, and is said not to be told apart.

    Parameters
    ----------
    results : Results
        Of one machine.
    objective : str
        ``accuracy``, the name of a metric, ``params`` or ``macs``.
    limits : Limits, optional
    device, threads, input_size, batch, task, shots, strategy, measure : optional
        Which measurements to choose by; see :func:`zoo.candidates.candidates.find_candidates`.
    margins : Margins, optional
        Within which a tie is broken.
    further : bool
        Look for what was never measured and might win.

    Raises
    ------
    ZooError
        Unknown objective, nothing measured, several machines.
    """
    check_results(results, "results")
    check_objective(objective)
    check_asked(Asked(device, threads, input_size, batch), task, shots, strategy, measure)
    candidates, basis = find_candidates(
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
    found = choose_from(candidates, basis, objective, limits, margins)
    if not further or found.chosen is None:
        return found
    return replace(found, unmeasured=unmeasured(candidates, found.chosen, limits or Limits()))


def choose_from(
    candidates: Sequence[Candidate],
    basis: Basis,
    objective: str = "accuracy",
    limits: Limits | None = None,
    margins: Margins | None = None,
) -> Choice:
    """As :func:`choose`, among candidates that were found before.

    Raises
    ------
    ZooError
        Unknown objective.
    """
    check_objective(objective)
    limits, margins = limits or Limits(), margins or Margins()
    found = _decide(candidates, basis, objective, limits, margins)
    prices = []
    for limit, others in limits.each():
        otherwise = _decide(candidates, basis, objective, others, margins)
        prices.append(price(limit, found.chosen, otherwise.chosen, objective))
    return replace(found, prices=tuple(one for one in prices if one is not None))


def _decide(
    candidates: Sequence[Candidate], basis: Basis, objective: str, limits: Limits, margins: Margins
) -> Choice:
    """What is taken within the limits, and how the others stand to it."""
    judged = [(candidate, tuple(violations(candidate, limits))) for candidate in candidates]
    within = [candidate for candidate, broken in judged if not broken]
    excluded = tuple((candidate, broken) for candidate, broken in judged if broken)
    ranked = sorted((c for c in within if c.value(objective) is not None), key=lambda c: rank(c, objective))
    unranked = tuple(c for c in within if c.value(objective) is None)
    if not ranked:
        nearest = min(excluded, key=lambda pair: excess(pair[1]), default=None)
        return Choice(objective, basis, None, (), (), excluded, unranked, (), nearest)
    best, gaps = leader(ranked, objective)
    others = [one for one in ranked if one is not best]
    stands: dict[Standing, list[Candidate]] = {each: [] for each in Standing}
    for one in others:
        stands[standing(gaps[one.model], margins.of(objective))].append(one)
    tied = [best, *stands[Standing.TIED]]
    chosen = min(tied, key=lambda one: tie_break(one, objective))
    return Choice(
        objective=objective,
        basis=basis,
        chosen=chosen,
        runners_up=tuple(c for c in ranked if c is not chosen)[:RUNNERS_UP],
        ties=tuple(c for c in tied if c is not chosen),
        excluded=excluded,
        unranked=unranked,
        doubts=tuple(uncertain(chosen, limits)),
        nearest_miss=None,
        ranked=len(ranked),
        best=best,
        untold=tuple(stands[Standing.UNTOLD]),
        unproven=tuple(stands[Standing.UNPROVEN]),
        behind=tuple(stands[Standing.BEHIND]),
        gaps=gaps,
        margins=margins,
    )


def _refused(pair: tuple[Candidate, tuple[Violation, ...]]) -> list[Any]:
    """A candidate with the limits it breaks, as JSON."""
    return [pair[0].to_dict(), [asdict(violation) for violation in pair[1]]]

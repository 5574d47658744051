"""The lines of a choice as a terminal shows them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zoo.candidates.basis import span
from zoo.candidates.quantities import metric_quantities
from zoo.choice.certainty import certainty
from zoo.choice.description import describe
from zoo.choice.gap import EXACT
from zoo.choice.limits import excess
from zoo.choice.unmeasured import commands
from zoo.registry.licences import warning_of
from zoo.terminal import wrapped

if TYPE_CHECKING:
    from zoo.candidates.candidate import Candidate
    from zoo.choice.decision import Decision
    from zoo.choice.limits import Violation


INDENT = "  "
"""Of a sentence's second and later lines."""


def lines(choice: Decision) -> list[str]:
    """A choice, its reasons and its alternatives, wrapped for the terminal."""
    said = _nothing(choice) if choice.chosen is None else _taken(choice, choice.chosen)
    said += [f"Excluded: {candidate.model}, {_why(broken)}." for candidate, broken in choice.excluded]
    if choice.unranked:
        names = ", ".join(candidate.model for candidate in choice.unranked)
        at = " at this setting" if choice.objective in metric_quantities() else ""
        what = "counted" if choice.objective in EXACT else "measured"
        said.append(f"Not ranked, without a {what} {choice.objective}{at}: {names}.")
    found = wrapped(said, INDENT)
    if choice.chosen is not None:
        found.append(f"Load it:  {choice.python_line}")  # whole, however wide, so that it can be copied
        found.append("Add num_classes=N for a head of N classes.")
    return found + _unmeasured(choice)


def _taken(choice: Decision, chosen: Candidate) -> list[str]:
    """What was taken, how sure that is, and what comes next."""
    below = " and ".join(short.of for short in choice.shortfalls if short.below)
    place = "Best" if choice.is_best else "Tied with the best"
    return [
        f"Choice{f', below {below}' if below else ''}: {describe(chosen)}",
        *(f"Mind: its accuracy is {short.text}." for short in choice.shortfalls),
        f"{place} {_objective(choice)} among {choice.ranked} ({choice.basis.to_text()}).",
        *certainty(choice),
        *(f"Not certain: {doubt}." for doubt in choice.doubts),
        *(one.to_text() for one in choice.prices),
        *(f"Mind the {text}." for text in filter(None, [warning_of(chosen.licence)])),
        *(f"{text}." for text in choice.basis.said),
        *(f"Mind the task: {text.rstrip('.')}." for text in choice.basis.floor.health),
        *(f"Runner-up: {describe(candidate)}" for candidate in choice.runners_up),
    ]


def _nothing(choice: Decision) -> list[str]:
    """That nothing qualifies, and what comes closest."""
    missing = not choice.excluded and choice.unranked
    said = f"No {choice.objective} is known" if missing else "Nothing qualifies"
    found = [f"{said} ({choice.basis.to_text()})."]
    if choice.nearest_miss and math.isfinite(excess(choice.nearest_miss[1])):
        candidate, broken = choice.nearest_miss
        found.append(f"Nearest miss: {candidate.model}, {_why(broken)}.")
    return found + [one.to_text() for one in choice.prices]


def _unmeasured(choice: Decision) -> list[str]:
    """What might win by what is published of it, and the command that measures it."""
    found = choice.unmeasured
    if not found:
        return []
    each = ", ".join(f"{one.model} ({one.top1:.1f}%, {one.macs / 1e9:.2f} GMACs)" for one in found)
    of_chosen = f"the chosen architecture has {found[0].chosen_top1:.1f}% at most"
    said = wrapped([f"Never measured here, and might win by published top-1 ({of_chosen}): {each}."], INDENT)
    return [*said, f"Measure them:  {commands(found, choice.basis.cell[0] if choice.basis.cell else None)}"]


def _objective(choice: Decision) -> str:
    """The objective, with the size of the images that MACs are of."""
    ranked = [one for one in (choice.chosen, *choice.runners_up, *choice.ties) if one and one.macs_px]
    sides = tuple(sorted({one.macs_px for one in ranked if one.macs_px}))
    if choice.objective != "macs" or choice.chosen is None or not choice.chosen.macs:
        return choice.objective
    return f"macs ({choice.chosen.macs / 1e9:.3f} G, at {span(sides)} px)"


def _why(broken: tuple[Violation, ...]) -> str:
    """Limits that are broken; "beyond" only of what was measured."""
    return "; ".join(f"{'' if violation.excess is None else 'beyond '}{violation}" for violation in broken)

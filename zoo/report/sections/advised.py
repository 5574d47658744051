"""Which regime to use in a cell, and how sure that is, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.advice.best import EQUAL, Certainty
from zoo.regimes.strategies import in_order
from zoo.report.numbers import with_interval
from zoo.report.sections.rule import cell_names
from zoo.report.strategies import is_control, marked
from zoo.statistics.quantity import ACCURACY
from zoo.statistics.resolving import MOST

if TYPE_CHECKING:
    from zoo.advice.best import Best
    from zoo.advice.rule import Cell
    from zoo.results.view import Results


CUT_SHORT = "cut short"
"""In a flag of a training that more steps might have changed."""

KNOWN = {
    Certainty.RESOLVED: "which is resolved",
    Certainty.EQUAL: "which is equal within a point",
    Certainty.ONE_SEED: "which one seed leaves open",
    Certainty.MORE_SEEDS: "which is open, and {} seeds would resolve it",
    Certainty.NO_SEEDS: f"which is open, and {MOST} seeds would not resolve it",
}
"""How sure a lead is, as a sentence ends."""


def advised_lines(found: list[Cell], results: Results) -> list[str]:
    """A sentence for each cell that has a frozen and a fine-tuned regime."""
    model, task = cell_names(results)
    return [f"{model(cell)} on {task(cell)}, {_images(cell)}: {_advice(cell.best)}{_doubt(cell)}." for cell in found]


def _images(cell: Cell) -> str:
    return "all images" if cell.frozen.shots == "all" else f"{cell.frozen.shots} images a class"


def _advice(best: Best) -> str:
    """What to take, and what stands for it."""
    if best.lead is None:
        return f"take {best.strategy}, the highest; no pairs tell by how much"
    known = KNOWN[best.certainty].format(best.seeds)
    lead = f"{with_interval(best.lead.measurement, ACCURACY)} points ahead of {marked(best.next)}, {known}"
    if is_control(best.strategy) or (is_control(best.next) and not best.resolved):
        return f"nothing shows that these weights are worth their cost here; {marked(best.strategy)} is {lead}"
    if best.resolved:
        return f"take {best.strategy}; it is {lead}"
    simpler = in_order((best.strategy, best.next))[0]
    if simpler == best.strategy or best.lead.value <= EQUAL:
        return f"take {simpler}, the simpler of two that are not told apart; {best.strategy} is {lead}"
    return f"take {best.strategy}, the better of two that are not told apart; it is {lead}"


def _doubt(cell: Cell) -> str:
    """Of trainings that more steps might have changed."""
    rows = cell.line.here
    short = [name for name in in_order(rows) if any(CUT_SHORT in flag for flag in rows[name].flags)]
    were = "were" if len(short) > 1 else "was"
    return f" ({', '.join(short)} {were} cut short: more steps may change it)" if short else ""

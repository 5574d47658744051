"""Which regime to use in a cell, and how sure that is, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.advice.best import is_equal
from zoo.regimes.strategies import in_order
from zoo.report.numbers import with_interval
from zoo.report.sections.rule import cell_names
from zoo.report.strategies import is_control
from zoo.statistics.quantity import ACCURACY
from zoo.statistics.resolving import MOST

if TYPE_CHECKING:
    from zoo.advice.best import Best
    from zoo.advice.rule import Cell
    from zoo.results.view import Results


CUT_SHORT = "cut short"
"""In a flag of a training that more steps might have changed."""


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
    lead = f"{with_interval(best.lead.measurement, ACCURACY)} points ahead of {_named(best.next)}, {_known(best)}"
    if is_control(best.strategy) or (is_control(best.next) and not best.resolved):
        return f"nothing shows that these weights are worth their cost here; {_named(best.strategy)} is {lead}"
    if best.resolved:
        return f"take {best.strategy}; it is {lead}"
    simpler = in_order((best.strategy, best.next))[0]
    return f"take {simpler}, the simpler of two that are not told apart; {best.strategy} is {lead}"


def _named(strategy: str) -> str:
    return f"{strategy} (control)" if is_control(strategy) else strategy


def _known(best: Best) -> str:
    """How sure a lead is, in words."""
    if best.resolved:
        return "which is resolved"
    if is_equal(best.lead):
        return "which is equal within a point"
    if not best.several:
        return "which one seed leaves open"
    if best.seeds is None:
        return f"which is open, and {MOST} seeds would not resolve it"
    return f"which is open, and {best.seeds} seeds would resolve it"


def _doubt(cell: Cell) -> str:
    """Of trainings that more steps might have changed."""
    rows = cell.line.here
    short = [name for name in in_order(rows) if any(CUT_SHORT in flag for flag in rows[name].flags)]
    were = "were" if len(short) > 1 else "was"
    return f" ({', '.join(short)} {were} cut short: more steps may change it)" if short else ""

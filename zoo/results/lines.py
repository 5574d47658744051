"""Regimes that stand in one line of a table.

They have one start, one data cell and one way of training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.sources.naming import NO_WEIGHTS, RANDOM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zoo.results.rows import TransferRow
    from zoo.training.recipe import Recipe


@dataclass(frozen=True)
class Line:
    """What a start was worth under each strategy.

    Attributes
    ----------
    lead : TransferRow
        The row that names the line.
    recipe : Recipe or None
        How the networks among them were trained; None where none was.
    here : mapping of str to TransferRow
        By strategy, the controls that stand beside it included.
    """

    lead: TransferRow
    recipe: Recipe | None
    here: Mapping[str, TransferRow]


def lines(rows: Sequence[TransferRow]) -> list[Line]:
    """Put rows into lines, one for each set of weights and way of training.

    Then come models that only have a random start.

    A row may stand in several lines: a random start in those of all weights of its model, frozen features in those
    of all recipes, a fine-tuning in those of all probes.
    """
    found = []
    near = _neighbours(rows)
    for lead in _leads(rows):
        beside = [row for row in near[_place(lead)] if row.is_beside(lead)]
        recipes = dict.fromkeys(row.settings.recipe for row in beside if row.settings.recipe is not None)
        for recipe in recipes or [None]:
            here: dict[str, TransferRow] = {}
            for row in beside:
                if row.settings.recipe in (None, recipe):
                    here.setdefault(row.strategy, row)
            found.append(Line(lead, recipe, here))
    return found


def _leads(rows: Sequence[TransferRow]) -> list[TransferRow]:
    """One row for each line, in the order of the rows.

    Frozen features lead, since a fine-tuning has no probe.
    """
    leads: dict[tuple[object, ...], list[TransferRow]] = {}
    weighted = [row for row in rows if row.weights not in (RANDOM, NO_WEIGHTS)]
    weighted.sort(key=lambda row: row.settings.probe is None)
    for row in [*weighted, *(row for row in rows if row.weights == RANDOM)]:
        held = leads.setdefault(_place(row), [])
        if not any(row.is_beside(lead) for lead in held):
            held.append(row)
    order = {id(row): number for number, row in enumerate(rows)}
    return sorted((row for held in leads.values() for row in held), key=lambda row: order[id(row)])


def _cell(row: TransferRow) -> tuple[object, ...]:
    settings = row.settings
    return row.machine, settings.task, settings.task_digest, settings.shots


def _place(row: TransferRow) -> tuple[object, ...]:
    """What rows must share to stand beside each other, unless one is of the control without a model."""
    return *_cell(row), row.model


def _neighbours(rows: Sequence[TransferRow]) -> dict[tuple[object, ...], list[TransferRow]]:
    """Rows that may stand beside each other, in order: of one place, and controls without a model of its cell."""
    controls: dict[tuple[object, ...], list[TransferRow]] = {}
    found: dict[tuple[object, ...], list[TransferRow]] = {}
    for row in rows:
        if row.weights == NO_WEIGHTS:
            controls.setdefault(_cell(row), []).append(row)
        else:
            found.setdefault(_place(row), []).append(row)
    order = {id(row): number for number, row in enumerate(rows)}
    return {
        place: sorted([*own, *controls.get(_cell(own[0]), [])], key=lambda row: order[id(row)])
        for place, own in found.items()
    }

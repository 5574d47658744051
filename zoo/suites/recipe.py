"""The recipe of a suite or a call: the usual one with settings of its own."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from zoo.checks import choices, place
from zoo.errors import InputFileError, ZooError
from zoo.statistics.quantity import ACCURACY, MEASURES
from zoo.suites.keys import check_keys
from zoo.training.recipe import RATES, TUNINGS, USUAL, Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping


BESIDE = ("tuning", "augment", "measure")
"""What of a recipe is asked for beside it."""


def read_recipe(
    overrides: Mapping[str, Any],
    where: str,
    table: str = "transfer.",
    tuning: str = RATES,
    measure: str = ACCURACY.key,
) -> Recipe:
    """The usual recipe with some settings of its own."""
    choices((tuning,), TUNINGS, "tuning", where, f"{table}tuning")
    choices((measure,), tuple(MEASURES), "measure", where, f"{table}measure")
    if not isinstance(overrides, dict):
        raise InputFileError(f"{place(where, f'{table}recipe')} must be a dict of settings, not {overrides!r}")
    check_keys(overrides, tuple(f.name for f in fields(Recipe) if f.name not in BESIDE), where, f"{table}recipe")
    try:
        return replace(USUAL[tuning], measure=measure, **overrides)
    except (TypeError, ValueError, ZooError) as error:
        raise InputFileError(f"{place(where, f'{table}recipe')}: {error}") from None

"""What sets regimes apart that the columns of a table would show alike."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Protocol

from zoo.sources.naming import NO_WEIGHTS
from zoo.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.results.rows import TransferRow


class Words(Protocol):
    """What sets a row apart, with a comma before each part."""

    def __call__(self, row: TransferRow, recipe: Recipe | None = None) -> str:
        """The words of a row, in a line of networks trained by ``recipe``."""


def variants(rows: Sequence[TransferRow], *, sizes: bool = True) -> Words:
    """A function that says what sets a row apart from the others.

    It names probe, recipe and device where these differ, precision and input size where a model has several.

    Parameters
    ----------
    rows : sequence of TransferRow
        All that stand together.
    sizes : bool
        Whether the input size is said of a model that has several; False where a column says it.
    """
    with_model = [row for row in rows if row.weights != NO_WEIGHTS]
    several_probes = len({row.settings.probe for row in rows} - {None}) > 1
    several_devices = len({row.settings.device for row in with_model}) > 1
    recipes = [row.settings.recipe for row in rows if row.settings.recipe is not None]
    differing = sorted(f.name for f in fields(Recipe) if len({getattr(recipe, f.name) for recipe in recipes}) > 1)

    sizes_of: dict[str, set[tuple[int, ...] | None]] = {}
    precisions_of: dict[str, set[str]] = {}
    for row in rows:
        precisions_of.setdefault(row.model, set()).add(row.settings.precision)
        sizes_of.setdefault(row.model, set()).add(row.input_size)

    def words(row: TransferRow, recipe: Recipe | None = None) -> str:
        recipe = recipe or row.settings.recipe
        found = [f"{row.settings.probe} probe"] if several_probes and row.settings.probe else []
        found += [f"{key} {getattr(recipe, key)}" for key in differing if recipe is not None]
        if several_devices and row.weights != NO_WEIGHTS:
            found.append(row.settings.device)
        if len(precisions_of[row.model]) > 1:
            found.append(row.settings.precision)
        if sizes and row.input_size and len(sizes_of[row.model]) > 1:
            found.append(f"{row.input_size[1]} px")
        return "".join(f", {part}" for part in found)

    return words

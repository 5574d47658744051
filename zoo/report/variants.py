"""What sets regimes apart that the columns of a table would show alike: probe, recipe, device, input size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zoo.results.rows import TransferRow


def variants(rows: Sequence[TransferRow], *, sizes: bool = True) -> Callable[[TransferRow], str]:
    """A function from a row to the words that set it apart from the others, with a comma before; often none.

    Parameters
    ----------
    rows : sequence of TransferRow
        All that stand together.
    sizes : bool
        Whether the input size is said of a model that has several; False where a column says it.
    """
    with_model = [row for row in rows if row.weights != "none"]
    several_probes = len({row.settings.get("probe") for row in rows}) > 1
    several_devices = len({row.settings.get("device") for row in with_model}) > 1
    recipes = [row.settings.get("recipe") or {} for row in rows]
    differing = sorted(
        key for key in {k for recipe in recipes for k in recipe} if len({repr(r.get(key)) for r in recipes}) > 1
    )

    def words(row: TransferRow) -> str:
        recipe: dict[str, Any] = row.settings.get("recipe") or {}
        found = [f"{row.settings.get('probe')} probe"] if several_probes else []
        found += [f"{key} {recipe[key]}" for key in differing if key in recipe]
        if several_devices and row.weights != "none":
            found.append(str(row.settings.get("device")))
        if sizes and row.input_size and len({r.input_size for r in rows if r.model == row.model}) > 1:
            found.append(f"{row.input_size[1]} px")
        return "".join(f", {part}" for part in found)

    return words

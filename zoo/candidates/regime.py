"""The regime that stands for a model, and what it was chosen on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.statistics.balanced import is_imbalanced
from zoo.statistics.quantity import MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zoo.results.rows import TransferRow


@dataclass(frozen=True, slots=True)
class Regimes:
    """What each model's accuracy is of.

    Attributes
    ----------
    best : mapping of str to TransferRow
        By model.
    on_test : tuple of str
        Models whose regime was the best of several on the test images themselves, since not all of them held
        training images out: what is stated of these is on the high side.
    held_out : tuple of str
        Models whose regime was the best of several on training images held out.
    """

    best: Mapping[str, TransferRow]
    on_test: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()

    def text(self, measure: str) -> tuple[str, ...]:
        """Sentences on how the regimes were chosen, and by which measure."""
        said = []
        if self.held_out and not self.on_test:
            said.append("Each model's regime was chosen on training images held out")
        elif self.held_out:
            said.append(f"Regimes of {', '.join(self.held_out)} were chosen on training images held out")
        if self.on_test:
            whose = f" of {', '.join(self.on_test)}" if self.held_out else ""
            said.append(
                f"Regimes{whose} were chosen on the test images themselves, as not each of them held training images "
                "out: such an accuracy is on the high side"
            )
        counts = next((counts for row in self.best.values() if is_imbalanced(counts := row.class_counts)), None)
        if counts:
            other = next(name for name in MEASURES if name != measure)
            said.append(
                f"The largest class has {max(counts) / min(counts):.1f} times the test images of the smallest: "
                f"{MEASURES[measure].label} chose, and the measure {other} chooses by the other"
            )
        return tuple(said)


def regimes(rows: Iterable[TransferRow], measure: str) -> Regimes:
    """The best regime of each model, by training images held out.

    Where not all regimes of a model have such a number, by the test images.

    Parameters
    ----------
    rows : iterable of TransferRow
        Of one data cell, with seeds that succeeded.
    measure : str
        One of :data:`zoo.statistics.quantity.MEASURES`.
    """
    of_models: dict[str, list[TransferRow]] = {}
    for row in rows:
        of_models.setdefault(row.model, []).append(row)
    best: dict[str, TransferRow] = {}
    on_test: list[str] = []
    held_out: list[str] = []
    for model, found in of_models.items():
        best[model], is_held_out = _best(found, measure)
        if len(found) > 1:
            (held_out if is_held_out else on_test).append(model)
    return Regimes(best, tuple(on_test), tuple(held_out))


def _best(rows: Sequence[TransferRow], measure: str) -> tuple[TransferRow, bool]:
    """The best row, and whether images held out say so."""
    scores = [row.held_out(measure) for row in rows]
    known = [score for score in scores if score is not None]
    if len(known) == len(rows):
        return rows[known.index(max(known))], True
    return max(rows, key=lambda row: row.tested(measure)), False
